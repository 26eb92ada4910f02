/**
 * The files that a person chose or dropped, with folders looked into.
 */
import type { IDisposable } from '@lumino/disposable';

import type { ImportProblem, SnippetFile } from '../schemas';

const EVENTS = ['dragover', 'dragleave', 'drop'] as const;
// The server knows a script by the same ends of names.
const SNIPPET_FILE =
  /\.(bash|c|code-snippets|cpp|cs|css|go|html|java|jl|js|json|jupyterlab-settings|lua|m|md|pl|ps1|py|r|rb|rs|scala|sh|sql|tex|ts)$/i;
// Folders that hold what programs made, and no snippets.
const IGNORED = new Set([
  '.git',
  '.ipynb_checkpoints',
  '.venv',
  '__pycache__',
  'node_modules'
]);
const MOST_FILES = 10_000;
const MOST_BYTES = 20_000_000;
const MOST_NAME = 255;

/** The texts of chosen files, which of them could not be read and why, and what of a folder is no snippet. */
export interface IChosenFiles {
  files: readonly SnippetFile[];
  problems: readonly ImportProblem[];
  leftOut: readonly ImportProblem[];
}

/** What is looked through, sorted by whether it is read. */
interface ISorted {
  chosen: IChosenFile[];
  /** The paths of files that are neither snippets nor scripts, and of folders that programs made. */
  others: Set<string>;
}

interface IChosenFile {
  file: File;
  /** Its path in the folder that was chosen; its name when it was chosen itself. */
  path: string;
}

/** Makes an element take files that are dropped from the desktop. */
export class FileDrop implements IDisposable {
  /** `node` gets the class `orrery-mod-drop` while files are over it. */
  constructor(
    private readonly options: {
      node: HTMLElement;
      onFiles: (chosen: IChosenFiles) => void;
      onError: (error: unknown) => void;
    }
  ) {
    EVENTS.forEach(name => options.node.addEventListener(name, this));
  }

  get isDisposed(): boolean {
    return this._isDisposed;
  }

  dispose(): void {
    this._isDisposed = true;
    EVENTS.forEach(name => this.options.node.removeEventListener(name, this));
  }

  handleEvent(event: DragEvent): void {
    const { dataTransfer, type } = event;
    if (!dataTransfer?.types.includes('Files')) {
      return;
    }
    const { node, onFiles, onError } = this.options;
    event.preventDefault();
    event.stopPropagation();
    node.classList.toggle('orrery-mod-drop', type === 'dragover');
    if (type === 'drop') {
      filesOf(dataTransfer).then(onFiles).catch(onError);
    }
  }

  private _isDisposed = false;
}

/** The texts of chosen files; those of a folder only when they look like snippets or scripts. */
export function textsOf(files: Iterable<File>): Promise<IChosenFiles> {
  const sorted: ISorted = { chosen: [], others: new Set() };
  for (const file of files) {
    const [, ...inside] = file.webkitRelativePath.split('/');
    const ignored = inside.findIndex(part => IGNORED.has(part));
    if (inside.length > 0 && ignored >= 0) {
      sorted.others.add(inside.slice(0, ignored + 1).join('/'));
    } else if (inside.length > 0 && !SNIPPET_FILE.test(file.name)) {
      sorted.others.add(inside.join('/'));
    } else {
      sorted.chosen.push({ file, path: inside.join('/') || file.name });
    }
  }
  return readAll(sorted);
}

/** The texts of dropped files and of all files in dropped folders. */
export async function filesOf(data: DataTransfer): Promise<IChosenFiles> {
  // They must be taken before the first wait: the browser forgets them then. What another program made up on
  // the way, such as an attachment of a mail, is no entry of a disk.
  const dropped = [...data.items].map(
    item => item.webkitGetAsEntry() ?? item.getAsFile()
  );
  const sorted: ISorted = { chosen: [], others: new Set() };
  for (const entry of dropped) {
    if (entry instanceof File) {
      sorted.chosen.push({ file: entry, path: entry.name });
    } else {
      await collect(entry, '', sorted);
    }
  }
  return readAll(sorted);
}

async function readAll({ chosen, others }: ISorted): Promise<IChosenFiles> {
  const files: SnippetFile[] = [];
  const problems: ImportProblem[] = [];
  for (const { file, path } of chosen) {
    const content = files.length < MOST_FILES ? await read(file) : null;
    if (content === null) {
      problems.push({
        file: path,
        name: '',
        line: null,
        reason: reasonOf(file, files)
      });
    } else {
      files.push({ name: path.slice(-MOST_NAME), content });
    }
  }
  const leftOut = [...others].map(path => ({
    file: path,
    name: '',
    line: null,
    reason: IGNORED.has(path.slice(path.lastIndexOf('/') + 1))
      ? 'What is in this folder was made by programs.'
      : 'It is no file of snippets and no script.'
  }));
  return { files, problems, leftOut };
}

/** The text of a file; null when it is too large or no text. */
async function read(file: File): Promise<string | null> {
  if (file.size > MOST_BYTES) {
    return null;
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(await file.arrayBuffer());
  } catch {
    // A TypeError is what the decoder throws; the report says that it is no text.
    return null;
  }
}

function reasonOf(file: File, files: readonly SnippetFile[]): string {
  if (files.length >= MOST_FILES) {
    return `An import takes at most ${MOST_FILES} files.`;
  }
  return file.size > MOST_BYTES
    ? `It is larger than ${MOST_BYTES / 1e6} MB.`
    : 'It is no UTF-8 text.';
}

async function collect(
  entry: FileSystemEntry | null,
  path: string,
  sorted: ISorted
): Promise<void> {
  const { chosen, others } = sorted;
  // A few more than can be sent, so that the report says which were left.
  if (!entry || chosen.length + others.size > 2 * MOST_FILES) {
    return;
  }
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject)
    );
    chosen.push({ file, path: path || file.name });
    return;
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  for (;;) {
    // One call brings a hundred entries at most.
    const entries = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject)
    );
    if (!entries.length) {
      return;
    }
    for (const child of entries) {
      const isWanted = child.isDirectory
        ? !IGNORED.has(child.name)
        : SNIPPET_FILE.test(child.name);
      const childPath = path ? `${path}/${child.name}` : child.name;
      if (isWanted) {
        await collect(child, childPath, sorted);
      } else {
        others.add(childPath);
      }
    }
  }
}
