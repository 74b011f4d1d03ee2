/**
 * Whether a message is told by a notification, and what of it: `false`, or {title, body, sound}. Pure.
 * `looked`: the person looks at that conversation just now.
 */
export function whatToTell({ message, prefs, muted, looked, minutes, words }) {
  if (message.mine || message.deleted || looked) return false;
  const mentioned = words.mentioned;
  if (muted && !mentioned) return false;
  if (isQuiet(prefs, minutes)) return false;
  const name = message.room ? words.inRoom : message.fromName;
  return {
    title: prefs.preview ? name : 'Earshot',
    body: prefs.preview ? words.text.slice(0, 200) : words.something,
    sound: Boolean(prefs.sound), show: Boolean(prefs.notify),
  };
}

/** Whether a minute of the day lies in the quiet hours (`22:00` to `07:00` goes over midnight). */
export function isQuiet({ quietFrom, quietTo }, minutes) {
  const from = minutesOf(quietFrom);
  const to = minutesOf(quietTo);
  if (from === null || to === null || from === to) return false;
  return from < to ? minutes >= from && minutes < to : minutes >= from || minutes < to;
}

function minutesOf(text) {
  const [, hours, minutes] = /^(\d\d):(\d\d)$/.exec(text ?? '') ?? [];
  return hours === undefined ? null : Number(hours) * 60 + Number(minutes);
}
