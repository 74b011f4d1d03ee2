import { button, iconButton, length, make, t, toast } from '../kit.js';

/** Records a voice note in the place of the composer's line; `done(file)` gets it. */
export async function recordVoice(line, done) {
  let stream;
  try {
    stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  } catch {
    toast(t('voice.refused'));
    return;
  }
  const type = ['audio/ogg;codecs=opus', 'audio/webm;codecs=opus'].find((one) => MediaRecorder.isTypeSupported(one));
  const recorder = new MediaRecorder(stream, { mimeType: type });
  const pieces = [];
  const began = Date.now();
  let keep = false;
  const time = make('time.grow', { role: 'timer' }, length(0));
  const clock = setInterval(() => { time.textContent = length(Date.now() - began); }, 250);
  const end = (kept) => { keep = kept; recorder.stop(); };
  const bar = make('div.composer-line.recording', { onkeydown: (event) => { if (event.key === 'Escape') end(false); } },
    make('span.recording-dot', { 'aria-hidden': 'true' }), make('span', { role: 'status' }, t('voice.recording')), time,
    button(t('cancel'), () => end(false), 'plain'),
    iconButton('send', t('voice.send'), () => end(true), { class: 'icon-button send' }));
  recorder.ondataavailable = ({ data }) => pieces.push(data);
  recorder.onstop = () => {
    clearInterval(clock);
    stream.getTracks().forEach((track) => track.stop());
    bar.replaceWith(line);
    line.querySelector('textarea')?.focus();
    if (keep) done(new File(pieces, fileName(type), { type }));
  };
  line.replaceWith(bar);
  bar.querySelector('.send').focus();
  recorder.start();
}

const fileName = (type) => `voice-${new Date().toISOString().slice(0, 19)
  .replace(/[:T]/g, '-')}.${type.includes('ogg') ? 'ogg' : 'webm'}`;
