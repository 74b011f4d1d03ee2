import { choice, field, languages, section, setPrefs, t, toggle } from '../../kit.js';

const SIZES = [85, 100, 115, 130, 150, 175, 200];

/** How the page looks and writes, on this browser. */
export function looks(prefs) {
  const set = (key) => (value) => setPrefs({ [key]: value });
  return [
    section(t('settings.appearance'),
      field(t('settings.theme'),
        choice([['system', t('settings.bySystem')], ['light', t('settings.light')], ['dark', t('settings.dark')]],
        prefs.theme, set('theme'), { name: 'theme' })),
      field(t('settings.contrast'),
        choice([['system', t('settings.bySystem')], ['usual', t('settings.usual')], ['high', t('settings.high')]],
        prefs.contrast, set('contrast'), { name: 'contrast' })),
      field(t('settings.size'),
        choice(SIZES.map((size) => [String(size), `${size} %`]), String(prefs.size),
        (size) => setPrefs({ size: Number(size) }), { name: 'size' })),
      field(t('settings.language'),
        choice([['', t('settings.byBrowser')], ...languages()], prefs.language, set('language'),
        { name: 'language' }))),
    section(t('settings.writing'),
      toggle(t('settings.enterSends'), prefs.enterSends, set('enterSends'), { name: 'enterSends' })),
  ];
}
