import { button, field, make, note, section, setPrefs, store, t, toggle } from '../../kit.js';

/** What the page says by itself, and when not. */
export function notices(prefs) {
  const set = (key) => (value) => setPrefs({ [key]: value });
  return [
    section(t('settings.notices'), permission(),
      toggle(t('settings.notify'), prefs.notify, set('notify'), { name: 'notify' }),
      toggle(t('settings.preview'), prefs.preview, set('preview'), { name: 'preview' }),
      toggle(t('settings.sound'), prefs.sound, set('sound'), { name: 'sound' })),
    section(t('settings.quiet'), make('p.soft', {}, t('settings.quietHint')),
      make('div.spread.wrap', {}, field(t('settings.quietFrom'), time(prefs.quietFrom, 'quietFrom')),
        field(t('settings.quietTo'), time(prefs.quietTo, 'quietTo')))),
  ];
}

const time = (value, name) => {
  const input = make('input.input', { type: 'time', value, name, onchange: () => setPrefs({ [name]: input.value }) });
  return input;
};

/** The browser has a word in it: it is asked once, and says no for good. */
function permission() {
  if (!('Notification' in window)) return note('', t('settings.noNotices'));
  if (Notification.permission === 'granted') return null;
  if (Notification.permission === 'denied') return note('warn', t('settings.noticesDenied'));
  return make('div', {}, button(t('settings.allow'), () => allowNotices(), 'main'));
}

/** Asks the browser to let the page show notifications. */
export async function allowNotices() {
  await Notification.requestPermission();
  setPrefs({ notify: Notification.permission === 'granted' ? true : store.state.prefs.notify, asked: Date.now() });
}
