import { Bound, button, complain, door, facts, field, fill, icon, iconButton, make, row, rows, screen, section, span,
  store, t } from '../../kit.js';
import { storage } from './storage.js';
import { about } from './about.js';

const tell = (change) => store.tell({ kind: 'extra', name: 'network', change });

/** How the node is: what it sees of the network, what may be in the way and what to do, its disk, and what it is. */
class Network extends Bound {
  select({ extra, people, me, door: way, prefs }) {
    return { now: extra.network, people, me, version: way.version, language: prefs.language };
  }

  connectedCallback() {
    super.connectedCallback();
    refresh().catch(complain);
  }

  render({ now = {}, people, version, language }, before) {
    if (!before || before.language !== language) this.#build();
    fill(this.checks, doctor(now));
    fill(this.state, state(now.status, people));
    fill(this.addresses, addresses(now.addresses));
    fill(this.disk, storage(now));
    fill(this.about, about(version, now.status));
  }

  #build() {
    for (const name of ['checks', 'state', 'addresses', 'disk', 'about']) this[name] = make('div.stack');
    const address = make('input.input', { placeholder: '10.0.0.12:47447', autocomplete: 'off', required: true });
    const add = async (event) => {
      event.preventDefault();
      try {
        await door.call('peer.add', { address: address.value.trim() });
        address.value = '';
        await refresh();
      } catch (error) {
        complain(error);
      }
    };
    fill(this, screen(t('network.title'), [
      section(t('network.doctor'), this.checks,
        make('div', {}, button(t('network.again'), () => refresh().catch(complain), 'small'))),
      section(t('network.state'), this.state),
      section(t('network.addresses'), make('p.soft', {}, t('network.addressesHint')), this.addresses,
        make('form.spread.address', { onsubmit: add }, field(t('network.address'), address),
          make('button.button', { type: 'submit' }, t('network.add')))),
      section(t('storage.title'), this.disk), section(t('about.title'), this.about),
    ]));
  }
}

async function refresh() {
  const [checks, status, list] = await door.callAll([['doctor'], ['status'], ['peer.list']]);
  if (checks.error) throw checks.error;
  tell({ checks: checks.value, status: status.value, addresses: list.value });
}

function doctor({ checks }) {
  if (!checks) return make('p.soft', { role: 'status' }, t('network.looking'));
  const wrong = checks.filter(({ ok }) => !ok).length;
  return [make('p', { class: wrong ? 'verdict alarm' : 'verdict good', role: 'status' },
    icon(wrong ? 'warning' : 'check'), t(wrong ? 'network.wrong' : 'network.well', { n: wrong })),
    make('ul.checks', {}, [...checks].sort((a, b) => Number(a.ok) - Number(b.ok)).map(check))];
}

const check = ({ check: what, ok, detail, remedy }) => make('li.check', {},
  make('span', { class: ok ? 'good' : 'alarm', role: 'img', 'aria-label': t(ok ? 'network.ok' : 'network.notOk') },
    icon(ok ? 'check' : 'warning')),
  make('div.grow', {}, make('strong', {}, what), make('p.soft', {}, detail), remedy ? make('p', {}, remedy) : null));

function state(status, people) {
  if (!status) return null;
  const here = Object.values(people).filter(({ online }) => online).length;
  return facts([t('network.here'), t('rooms.people', { n: here })], [t('network.sessions'), String(status.sessions)],
    [t('network.interfaces'), status.interfaces.join(', ')], [t('network.port'), String(status.port)],
    [t('network.discovery'), `${status.discovery}, ${t(status.advertised ? 'network.announced' : 'network.hidden')}`],
    [t('network.uptime'), span(status.uptime * 1000)], [t('network.queued'), String(status.queued)]);
}

function addresses(list = []) {
  if (!list.length) return null;
  return rows(list.map(({ address }) => row({ title: address, attributes: { 'data-key': address },
    actions: [iconButton('trash', t('network.remove', { address }),
      () => door.call('peer.remove', { address }).then(refresh, complain))] })));
}

customElements.define('es-network', Network);
