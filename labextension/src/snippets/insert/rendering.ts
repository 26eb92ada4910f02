/**
 * A snippet as the text or the cells of a place.
 */
import { Budget } from '../body/budget';
import { expand, variablesOf, type IExpansion, type Resolve } from '../body/expand';
import { indented, joined, literal, surrounded } from '../body/compose';
import type { CellKind, Snippet, SnippetCell } from '../schemas';
import { commentsOf } from './variables';
import { canonical, fits } from '../../base/insert/languages';

/** What of a snippet an insertion needs; a draft that is not saved has it too. */
export type IInsertable = Pick<Snippet, 'name' | 'language' | 'syntax' | 'cells'>;

/** A cell to be. */
export interface INewCell {
  kind: CellKind;
  expansion: IExpansion;
}

/** The variables that the cells of a snippet use. */
export function variablesIn({ syntax, cells }: IInsertable): ReadonlySet<string> {
  return new Set(
    syntax === 'vscode' ? cells.flatMap(cell => [...variablesOf(cell.source)]) : []
  );
}

/** The cells of a snippet in a notebook; `magic` is put at the head of each code cell. */
export function asCells(
  { syntax, cells, language }: IInsertable,
  resolve: Resolve,
  tab: string,
  magic: string | null
): INewCell[] {
  const budget = new Budget();
  return cells.map(cell => {
    const expansion = expanded(cell, syntax, resolve, tab, language, budget);
    const kind = kindOf(cell, language);
    return {
      kind,
      expansion:
        kind === 'code' && magic ? surrounded(expansion, `${magic}\n`, '') : expansion
    };
  });
}

/**
 * A snippet as one text among text of a language: prose becomes comments in code, code is fenced in prose.
 */
export function asText(
  { syntax, cells, language }: IInsertable,
  resolve: Resolve,
  tab: string,
  place: string
): IExpansion {
  const budget = new Budget();
  const parts = cells.map(cell => {
    const expansion = expanded(cell, syntax, resolve, tab, language, budget);
    const prose = kindOf(cell, language) === 'markdown';
    if (canonical(place) === 'markdown') {
      return prose || cell.kind === 'raw' ? expansion : fenced(expansion, language);
    }
    return prose && !fits('markdown', place) ? commented(expansion, place) : expansion;
  });
  return parts.length === 1 ? parts[0] : joined(parts, '\n\n');
}

/** Whether all of a snippet is prose. */
export function isProse({ cells, language }: IInsertable): boolean {
  return cells.every(cell => kindOf(cell, language) === 'markdown');
}

/** Whether a text must stand on lines of its own in a place. */
export function isBlock({ cells, language }: IInsertable, place: string): boolean {
  return (
    canonical(place) === 'markdown' &&
    cells.some(cell => kindOf(cell, language) === 'code')
  );
}

/** A cell of a markdown snippet is markdown, whatever it is called. */
function kindOf(cell: SnippetCell, language: string): CellKind {
  return cell.kind === 'code' && canonical(language) === 'markdown'
    ? 'markdown'
    : cell.kind;
}

// Languages in which a tab is not the same as blanks.
const TABBED: ReadonlySet<string> = new Set(['go', 'makefile', 'tsv']);

function expanded(
  cell: SnippetCell,
  syntax: IInsertable['syntax'],
  resolve: Resolve,
  tab: string,
  language: string,
  budget: Budget
): IExpansion {
  const lines = cell.source.replace(/\r\n?/g, '\n');
  const source = TABBED.has(canonical(language))
    ? lines
    : lines.replace(/^\t+/gm, tabs => tab.repeat(tabs.length));
  return syntax === 'vscode' ? expand(source, resolve, budget) : literal(source);
}

function fenced(expansion: IExpansion, language: string): IExpansion {
  // A fence is longer than any inside it.
  const longest = Math.max(
    2,
    ...(expansion.text.match(/`+/g) ?? []).map(run => run.length)
  );
  const fence = '`'.repeat(longest + 1);
  const name = canonical(language) === 'text' ? '' : language;
  const end = expansion.text.endsWith('\n') ? '' : '\n';
  return surrounded(expansion, `${fence}${name}\n`, `${end}${fence}`);
}

function commented(expansion: IExpansion, place: string): IExpansion {
  const [line, start, end] = commentsOf(place);
  if (!line) {
    return surrounded(expansion, `${start} `, ` ${end}`);
  }
  return indented(surrounded(expansion, `${line} `, ''), `${line} `);
}

/** What one step of indent is in an editor. */
export function tabOf(unit: unknown): string {
  const width = Number(unit);
  return unit === 'Tab' ? '\t' : ' '.repeat(width > 0 ? width : 4);
}
