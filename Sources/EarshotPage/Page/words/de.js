/** German, in the order of en.js. */
export const de = {
  language: 'Deutsch',
  back: 'Zurück', cancel: 'Abbrechen', close: 'Schließen', copied: 'Kopiert.', copy: 'Kopieren', details: 'Einzelheiten', more: 'Mehr',
  open: 'Öffnen', reload: 'Neu laden', retry: 'Noch einmal', search: 'Suchen', skip: 'Zum Gespräch springen', today: 'Heute',
  yesterday: 'Gestern', conversations: 'Gespräche', opening: 'Wird geöffnet …',
  'home.title': 'Earshot', 'home.text': 'Wählen Sie ein Gespräch, oder finden Sie eines mit Strg+K.',
  'node.gone': 'Ihr Knoten läuft nicht. Sie sehen, wie es zuletzt war; sobald er wieder da ist, geht es weiter.',
  'node.locked': 'Dieser Browser ist nicht mehr zugelassen.',
  'gone.title': 'Ihr Knoten läuft nicht', 'gone.text': 'Starten Sie earshotd, dann geht es hier von selbst weiter.',
  'locked.title': 'Dieser Browser ist nicht zugelassen', 'locked.text': 'Die Seite Ihres Knotens öffnet sich nur mit einem Link, der dafür gemacht ist.',
  'locked.how': 'Geben Sie auf diesem Rechner in einem Terminal ein:',
};
