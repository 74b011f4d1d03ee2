/** What was written and not sent, by conversation. It outlives the tab: it is kept in this browser. */
const PLACE = 'earshot.drafts';
let drafts = read();

function read() {
  try {
    return JSON.parse(localStorage.getItem(PLACE) ?? '{}');
  } catch {
    return {};
  }
}

addEventListener('storage', ({ key }) => { if (key === PLACE) drafts = read(); });

/** {text, replyTo?, ask?} or nothing. */
export const draftOf = (key) => drafts[key];

export function keepDraft(key, draft) {
  if (draft?.text || draft?.replyTo) drafts[key] = draft;
  else delete drafts[key];
  localStorage.setItem(PLACE, JSON.stringify(drafts));
}
