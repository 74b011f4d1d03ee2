const OVER = new Set(['complete', 'declined', 'cancelled', 'failed']);

/** Transfers, the newest first: those that ask (`asks`), that move or wait (`moving`), and that are `over`. */
export function transfersByGroup(transfers) {
  const groups = { asks: [], moving: [], over: [] };
  for (const one of Object.values(transfers)) groups[groupOf(one)].push(one);
  for (const list of Object.values(groups)) list.sort((a, b) => b.at.localeCompare(a.at));
  return groups;
}

function groupOf({ state, direction }) {
  if (OVER.has(state)) return 'over';
  return state === 'offered' && direction === 'in' ? 'asks' : 'moving';
}

/** What came or went in a conversation and is whole, the newest first. */
export const galleryOf = (transfers, key) => Object.values(transfers)
  .filter(({ state, person, files }) => state === 'complete' && files?.length && person === key)
  .sort((a, b) => b.at.localeCompare(a.at));
