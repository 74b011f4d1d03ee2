/** English. Keys are sorted by where they are seen; `{name}` is replaced; plurals are by Intl.PluralRules. */
export const en = {
  language: 'English',
  // Everywhere
  back: 'Back', cancel: 'Cancel', close: 'Close', copied: 'Copied.', copy: 'Copy', details: 'Details', more: 'More', open: 'Open',
  reload: 'Reload', retry: 'Try again', search: 'Search', skip: 'Skip to the conversation', today: 'Today', yesterday: 'Yesterday',
  conversations: 'Conversations', opening: 'Opening…',
  'home.title': 'Earshot', 'home.text': 'Choose a conversation, or press Ctrl+K to find one.',
  'node.gone': 'Your node is not running. What you see is how it was; the page goes on as soon as it is back.',
  'node.locked': 'This browser is not let in any more.',
  'gone.title': 'Your node is not running', 'gone.text': 'Start earshotd, and this page goes on by itself.',
  'locked.title': 'This browser is not let in', 'locked.text': 'The page of your node opens only with a link made for it.',
  'locked.how': 'Run this in a terminal on this machine:',
};
