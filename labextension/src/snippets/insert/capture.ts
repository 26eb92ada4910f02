/**
 * Drafts of snippets out of what the person works on.
 */
import type { CodeEditor } from '@jupyterlab/codeeditor';
import type { ICell } from '@jupyterlab/nbformat';
import type { NotebookPanel } from '@jupyterlab/notebook';

import { canonical, cellLanguage } from '../../base/insert/languages';
import { TargetFinder, type IPlaces, type ITarget } from '../../base/insert/target';
import type { CellKind, SnippetCell } from '../schemas';
import { commentsOf } from './variables';

/** A snippet to be: what the form opens with. */
export interface IDraft {
  name: string;
  language: string;
  syntax: 'plain';
  tags: string[];
  cells: SnippetCell[];
}

export type ICaptureOptions = IPlaces;

/** Makes drafts out of what the person works on; each is null when there is nothing to take. */
export class Capture {
  constructor(options: ICaptureOptions) {
    this._finder = new TargetFinder(options);
  }

  /** The selected text of a notebook's cell, a console's prompt or a file. */
  selection(): IDraft | null {
    const target = this._finder.find();
    return target?.editor
      ? draftOfText(selectedIn(target.editor), target.textLanguage)
      : null;
  }

  /** The selected cells of the current notebook, kept apart; the active one when none is selected. */
  cells(): IDraft | null {
    const target = this._finder.find();
    return target?.kind === 'notebook'
      ? draftOfNotebook(target.widget, target.language)
      : null;
  }

  /** The whole of the current file or of a console's prompt. */
  file(): IDraft | null {
    const target = this._finder.find();
    return target && target.kind !== 'notebook' && target.editor
      ? draftOfText(target.editor.model.sharedModel.getSource(), target.textLanguage)
      : null;
  }

  /** The best of the above: selected text, else selected cells, else the file. */
  best(): IDraft | null {
    return this.selection() ?? this.cells() ?? this.file();
  }

  /** The place that a draft would be taken from. */
  target(): ITarget | null {
    return this._finder.find();
  }

  private readonly _finder: TargetFinder;
}

/** A draft of cells as a drag carries them. */
export function draftOfCells(cells: readonly ICell[], language: string): IDraft | null {
  return draftOf(
    cells.map(({ cell_type, source }) => ({
      kind: kindOf(cell_type),
      source: typeof source === 'string' ? source : source.join('')
    })),
    language
  );
}

/** A draft of a text. */
export function draftOfText(text: string, language: string): IDraft | null {
  const kind = canonical(language) === 'markdown' ? 'markdown' : 'code';
  return draftOf([{ kind, source: dedented(text) }], language);
}

/** A name for code or prose: its heading, what it defines, its first comment, or its first line. */
export function suggestName(
  cells: readonly SnippetCell[],
  language = 'python'
): string {
  for (const name of candidates(cells, language)) {
    const clean = name.replace(/[\s\p{Cc}]+/gu, ' ').trim();
    if (clean) {
      return shortened(clean);
    }
  }
  return '';
}

const NAME_LIMIT = 60;
const DEFINITION =
  /^[ \t]*(?:export\s+)?(?:async\s+)?(?:def|class|function|func|fn|interface|struct)\s+([\p{L}_$][\p{L}\p{N}_$]*)/mu;

function* candidates(
  cells: readonly SnippetCell[],
  language: string
): Generator<string> {
  const of = (kind: CellKind) =>
    cells.filter(cell => cell.kind === kind).map(cell => cell.source);
  for (const prose of of('markdown')) {
    yield /^ {0,3}#{1,6}[ \t]+(.+?)[ \t]*#*$/m.exec(prose)?.[1] ?? '';
  }
  const [comment] = commentsOf(language);
  for (const code of of('code')) {
    const [first = ''] = code.trimStart().split('\n', 1);
    yield comment && first.startsWith(comment) && !first.startsWith('#!')
      ? first.slice(comment.length).replace(/^[#/*\-%\s]+/, '')
      : '';
    yield DEFINITION.exec(code)?.[1] ?? '';
  }
  for (const { source } of cells) {
    yield source.trimStart().split('\n', 1)[0];
  }
}

function shortened(name: string): string {
  if (name.length <= NAME_LIMIT) {
    return name;
  }
  const cut = name.slice(0, NAME_LIMIT - 1);
  return `${cut.replace(/\s+\S*$/, '')}…`;
}

function draftOf(cells: readonly SnippetCell[], language: string): IDraft | null {
  const full = cells.filter(cell => cell.source.trim() !== '');
  if (full.length === 0) {
    return null;
  }
  const prose = full.every(cell => cell.kind === 'markdown');
  const code = full.find(cell => cell.kind === 'code')?.source ?? '';
  const spoken = prose ? 'markdown' : cellLanguage(code, language);
  return {
    name: suggestName(full, spoken),
    language: spoken,
    syntax: 'plain',
    tags: [],
    cells: full
  };
}

function draftOfNotebook({ content }: NotebookPanel, language: string): IDraft | null {
  const cells = content.widgets
    .filter(widget => content.isSelectedOrActive(widget))
    .map(({ model }) => ({
      kind: kindOf(model.type),
      source: model.sharedModel.getSource()
    }));
  return draftOf(cells, language);
}

function kindOf(type: unknown): CellKind {
  return type === 'markdown' || type === 'raw' ? type : 'code';
}

function selectedIn(editor: CodeEditor.IEditor): string {
  const { start, end } = editor.getSelection();
  const [from, to] = [editor.getOffsetAt(start), editor.getOffsetAt(end)];
  const source = editor.model.sharedModel.getSource();
  // The indent before the first selected line belongs to its lines as it does to the others.
  const line = source.slice(source.lastIndexOf('\n', from - 1) + 1, from);
  const lead = from < to && /^[ \t]+$/.test(line) ? line : '';
  return lead + source.slice(from, to);
}

/** The text without the white space that all its lines begin with. */
function dedented(text: string): string {
  const lines = text.replace(/\r\n?/g, '\n').split('\n');
  const indents = lines
    .filter(line => line.trim() !== '')
    .map(line => /^[ \t]*/.exec(line)?.[0] ?? '');
  const common = indents.reduce((shared, indent) => {
    let length = 0;
    while (length < shared.length && shared[length] === indent[length]) {
      length += 1;
    }
    return shared.slice(0, length);
  }, indents[0] ?? '');
  return lines
    .map(line =>
      line.startsWith(common) ? line.slice(common.length) : line.trimStart()
    )
    .join('\n');
}
