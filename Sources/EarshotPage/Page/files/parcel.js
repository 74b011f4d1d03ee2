import { bytes, complain, fill, group, icon, iconButton, make, t } from '../kit.js';
import { offerFiles } from './upload.js';

/** Files that are about to be offered, above the line where one writes; and those on their way to one's own node. */
export class Parcel {
  #files = [];
  #changed;
  #added;

  /** `changed()` is called when there are more or fewer, `added()` when a person has added some. */
  constructor(changed, added) {
    this.#changed = changed;
    this.#added = added;
    this.waiting = make('ul.parcel', { 'aria-label': t('files.waiting') });
    this.going = make('div.going');
    this.element = make('div', {}, this.waiting, this.going);
  }

  get count() { return this.#files.length; }

  /** Asks for files, or a folder. */
  choose(folder) {
    const input = make('input', { type: 'file', multiple: true, webkitdirectory: folder });
    input.addEventListener('change', () => this.add([...input.files].map((file) =>
      ({ file, path: file.webkitRelativePath || file.name }))));
    input.click();
  }

  /** What was dropped or pasted: folders with all that is in them. */
  async addFrom(data) {
    const entries = [...data.items].filter(({ kind }) => kind === 'file')
      .map((item) => ({ entry: item.webkitGetAsEntry?.(), file: item.getAsFile() }));
    const found = [];
    for (const { entry, file } of entries) {
      if (entry?.isDirectory) await walk(entry, entry.name, found);
      else if (file) found.push({ file, path: file.name || 'picture.png' });
    }
    this.add(found);
  }

  add(files) {
    this.#files.push(...files);
    this.#draw();
    this.#added();
  }

  #draw() {
    const tops = group(this.#files, ({ path }) => path.split('/')[0]);
    fill(this.waiting, [...tops].map(([top, files]) => {
      const folder = files[0].path.includes('/');
      const size = files.reduce((sum, { file }) => sum + file.size, 0);
      return make('li.chip', {}, thumbnail(files[0].file, folder), make('span.one-line', {}, top),
        make('span.faint', {}, bytes(size)),
        iconButton('close', t('files.remove', { name: top }),
          () => { this.#files = this.#files.filter((one) => !files.includes(one)); this.#draw(); }));
    }));
    this.#changed();
  }

  /** Empties it; answers with what can be offered, or null. */
  takeAll() {
    const files = this.#files;
    if (!files.length) return null;
    this.#files = [];
    this.#draw();
    return { offer: (key) => this.#offer(key, files) };
  }

  sendNow(file, key) {
    return this.#offer(key, [{ file, path: file.name }]);
  }

  async #offer(key, files) {
    const size = files.reduce((sum, { file }) => sum + file.size, 0);
    const abort = new AbortController();
    const meter = make('progress', { max: String(size || 1), value: 0, 'aria-label': t('files.preparing') });
    const line = make('div.spread.going-line', {}, make('span.grow.one-line', {}, t('files.preparing')), meter,
      iconButton('close', t('cancel'), () => abort.abort()));
    this.going.append(line);
    try {
      await offerFiles(key, files, (done) => { meter.value = done; }, abort.signal);
    } catch (error) {
      if (error.name !== 'AbortError') {
        complain(error);
        this.add(files);
      }
    } finally {
      line.remove();
    }
  }
}

async function walk(folder, path, found) {
  const reader = folder.createReader();
  for (;;) {
    const entries = await new Promise((done, failed) => reader.readEntries(done, failed));
    if (!entries.length) return;
    for (const entry of entries) {
      if (entry.isDirectory) await walk(entry, `${path}/${entry.name}`, found);
      else found.push({ file: await new Promise((done, failed) => entry.file(done, failed)),
        path: `${path}/${entry.name}` });
    }
  }
}

function thumbnail(file, folder) {
  if (folder || !/^image\/(png|jpeg|gif|webp)$/.test(file.type)) return icon(folder ? 'folder' : 'file');
  const url = URL.createObjectURL(file);
  return make('img.thumb', { src: url, alt: '', onload: () => URL.revokeObjectURL(url) });
}
