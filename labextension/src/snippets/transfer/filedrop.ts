/**
 * The files that a person chose or dropped, with folders looked into.
 */
import type { IDisposable } from '@lumino/disposable';

import type { SnippetFile } from '../schemas';

const EVENTS = ['dragover', 'dragleave', 'drop'] as const;
const SNIPPET_FILE = /\.(json|code-snippets)$/i;
const MOST_FILES = 2_000;
const MOST_BYTES = 20_000_000;

/** Makes an element take files that are dropped from the desktop. */
export class FileDrop implements IDisposable {
  /** `node` gets the class `orrery-mod-drop` while files are over it. */
  constructor(
    private readonly options: {
      node: HTMLElement;
      onFiles: (files: readonly SnippetFile[]) => void;
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

/** The texts of chosen files; those of a folder only when they look like snippets. */
export async function textsOf(files: Iterable<File>): Promise<SnippetFile[]> {
  const texts: SnippetFile[] = [];
  for (const file of files) {
    const inFolder = file.webkitRelativePath !== '';
    if (texts.length >= MOST_FILES || file.size > MOST_BYTES) {
      continue;
    }
    if (!inFolder || SNIPPET_FILE.test(file.name)) {
      texts.push({ name: file.name, content: await file.text() });
    }
  }
  return texts;
}

/** The texts of dropped files and of all files in dropped folders. */
export async function filesOf(data: DataTransfer): Promise<SnippetFile[]> {
  // They must be taken before the first wait: the browser forgets them then. What another program made up on
  // the way, such as an attachment of a mail, is no entry of a disk.
  const dropped = [...data.items].map(
    item => item.webkitGetAsEntry() ?? item.getAsFile()
  );
  const files: File[] = [];
  for (const entry of dropped) {
    if (entry instanceof File) {
      files.push(entry);
    } else {
      await collect(entry, files);
    }
  }
  return textsOf(files);
}

async function collect(entry: FileSystemEntry | null, files: File[]): Promise<void> {
  if (!entry || files.length >= MOST_FILES) {
    return;
  }
  if (entry.isFile) {
    const file = entry as FileSystemFileEntry;
    files.push(
      await new Promise<File>((resolve, reject) => file.file(resolve, reject))
    );
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
      if (child.isDirectory || SNIPPET_FILE.test(child.name)) {
        await collect(child, files);
      }
    }
  }
}
