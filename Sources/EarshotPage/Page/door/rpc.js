import { keyHeader } from './key.js';

/** What the door refused, or why it was not reached. `kind` is a word of docs/Control.md; `candidates` are names. */
export class DoorError extends Error {
  constructor(message, kind, candidates = []) {
    super(message);
    this.kind = kind;
    this.candidates = candidates;
  }
}

let number = 0;

/** Calls one method of the door; throws DoorError. `stream` names the event stream on whose connection it is done. */
export async function call(method, params = {}, stream = null) {
  const [answer] = await post([request(method, params)], stream);
  return opened(answer);
}

/** Calls several methods at once; answers in their order, each {value} or {error}. */
export async function callAll(calls, stream = null) {
  const most = 100;
  const answers = [];
  for (let from = 0; from < calls.length; from += most) {
    const batch = calls.slice(from, from + most).map(([method, params]) => request(method, params ?? {}));
    const byId = new Map((await post(batch, stream)).map((answer) => [answer.id, answer]));
    answers.push(...batch.map(({ id }) => settle(byId.get(id))));
  }
  return answers;
}

const request = (method, params) => ({ jsonrpc: '2.0', id: (number += 1), method, params });

function opened(answer) {
  if (!answer) throw new DoorError('The node gave no answer.', 'failed');
  if (answer.error) {
    throw new DoorError(answer.error.message, answer.error.data?.kind ?? 'failed', answer.error.data?.candidates);
  }
  return answer.result;
}

function settle(answer) {
  try {
    return { value: opened(answer) };
  } catch (error) {
    return { error };
  }
}

async function post(batch, stream) {
  const headers = { 'Content-Type': 'application/json' };
  if (stream) headers['Earshot-Stream'] = stream;
  const response = await reach('/api/v1/rpc', { method: 'POST', headers, body: JSON.stringify(batch) });
  const answers = await response.json();
  return Array.isArray(answers) ? answers : [answers];
}

/** `fetch` of one's own node; throws DoorError where it is not there or says no. */
export async function reach(path, options = {}) {
  let response;
  try {
    response = await fetch(path, { credentials: 'same-origin', cache: 'no-store', ...options,
      headers: { ...options.headers, ...keyHeader() } });
  } catch (error) {
    if (error.name === 'AbortError') throw error;
    throw new DoorError('The node is not there.', 'notRunning');
  }
  if (response.ok) return response;
  const said = await response.json().catch(() => ({}));
  const isLocked = response.status === 401 || said.kind === 'wrongKey';
  throw new DoorError(said.error ?? `The node answered ${response.status}.`, isLocked ? 'locked' : said.kind ?? 'failed');
}
