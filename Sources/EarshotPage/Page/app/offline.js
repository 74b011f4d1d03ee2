/**
 * The worker that says what is the matter when the node does not answer (worker.js). It is another one for each
 * `version` of the node, so that what it shows is as old as the page at most.
 */
export function keepShell(version) {
  if (!navigator.serviceWorker) return;
  const path = `/worker.js?v=${encodeURIComponent(version)}`;
  const policy = globalThis.trustedTypes?.createPolicy('earshot', { createScriptURL: () => path });
  // Without it all but the sentence is as before.
  navigator.serviceWorker.register(policy?.createScriptURL('') ?? path).catch(() => {});
}
