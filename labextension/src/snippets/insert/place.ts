/**
 * What the variables of a snippet may ask of the place that it goes to.
 */
import type { EditorState } from '@codemirror/state';
import type { Kernel } from '@jupyterlab/services';

import { canonical } from '../../base/insert/languages';
import { closing, outerLines, placeIn } from './brackets';
import { dataframes, environment } from './kernel';
import { commentsOf, type ISurroundings, type IWorld } from './variables';

/** Where in an editor. */
export interface ISpan {
  from: number;
  to: number;
}

/** The text around a span: what is selected, its line and its word. */
export function textAround(
  state: EditorState,
  { from, to }: ISpan
): Pick<ISurroundings, 'selection' | 'line' | 'word' | 'lineIndex'> & {
  indent: string;
} {
  const line = state.doc.lineAt(from);
  const indent = /^[ \t]*/.exec(line.text.slice(0, from - line.from))?.[0] ?? '';
  const word = state.wordAt(from);
  return {
    // The later lines come back with the indent of the place, which they have already.
    selection: state.sliceDoc(from, to).replaceAll(`\n${indent}`, '\n'),
    line: line.text,
    word: word ? state.sliceDoc(word.from, word.to) : '',
    lineIndex: line.number - 1,
    indent
  };
}

/** What has to be waited for, and only if the snippet uses it. */
export async function waitedFor(
  names: ReadonlySet<string>,
  kernel: Kernel.IKernelConnection | null,
  world: IWorld,
  readClipboard: (() => Promise<string>) | undefined
): Promise<Pick<ISurroundings, 'clipboard' | 'dataframes' | 'datasets' | 'world'>> {
  const [clipboard, frames, uri, lake] = await Promise.all([
    // Not being allowed to read it is the person's choice.
    names.has('CLIPBOARD') ? readClipboard?.().catch(() => '') : '',
    names.has('DATAFRAME') ? dataframes(kernel) : null,
    names.has('MLFLOW_TRACKING_URI') && !world.mlflowTrackingUri
      ? environment(kernel, 'MLFLOW_TRACKING_URI')
      : null,
    names.has('LAKE') || names.has('DATASET') ? world.findLake?.() : undefined
  ]);
  return {
    clipboard: clipboard ?? '',
    dataframes: frames?.map(frame => frame.name) ?? [],
    datasets: lake?.datasets ?? [],
    world: {
      ...world,
      lake: lake ? lake.location : world.lake,
      mlflowTrackingUri: world.mlflowTrackingUri || (uri ?? undefined)
    }
  };
}

// After a word, a bracket or a string there is a whole statement; after `x =` or `f(` there is none yet.
const WHOLE = /[\p{L}\p{N}_)\]}"'`;]$/u;
// A statement begins with a word, a string, a decorator, a magic or a comment; `.head()` goes on with one.
const STATEMENT = /^[\p{L}\p{N}_"'@%#!]/u;

const WORD = /[\p{L}\p{N}_]/u;

/** Where a text goes, and what stands between it and what is there. */
export interface IPlacement extends ISpan {
  before: string;
  after: string;
  /** Of all its lines but the first. */
  indent: string;
}

// What begins or is a statement beyond doubt: a keyword, an assignment, a decorator, a magic, a comment.
const SURE =
  /^(?:(?:import|from|def|class|for|while|if|with|try|return|raise|async|del|assert|global|library|using|select)\b|[@%!#]|[\w.,\s[\]"']+=(?!=))/iu;
// What no expression begins with, in whatever language.
const KEYWORD =
  /^(?:import|from|def|class|for|while|with|try|return|raise|del|assert|global)\b/u;
// What ends and what begins an operand: one after the other means nothing.
const OPERAND_END = /[\p{L}\p{N}_)\]}"'`]$/u;
const OPERAND_START = /^[\p{L}\p{N}_"'`([{]/u;
// A line after which its statement goes on.
const OPEN_END = /[,+\-*/%&|^=<>\\]\s*$/;

/** What is known of the code at a place. */
export interface ICodeStyle {
  language: string;
  /** A step of indentation. */
  tab: string;
}

/** A text and the code that it is to be put into. */
interface IPlacing extends ISpan, ICodeStyle {
  text: string;
  state: EditorState;
  code: string;
  /** What is before it in its line. */
  head: string;
  /** What is after it in its line. */
  tail: string;
}

/**
 * Where a text goes so that it is glued to nothing.
 *
 * A statement stands on lines of its own: below a line that has a whole statement before the cursor, above one that
 * begins at it, below the whole call when it would be put into its brackets. What goes on with an expression stays in
 * it, with a blank between two words. A selection is replaced, unless a statement would come into the middle of a line.
 *
 * @param isBlock Whether it stands on lines of its own whatever it looks like, such as a fence in prose.
 * @param style Of what is there.
 */
export function placement(
  text: string,
  state: EditorState,
  { from, to }: ISpan,
  isBlock: boolean,
  style: ICodeStyle
): IPlacement {
  const { doc } = state;
  const line = doc.lineAt(from);
  const head = line.text.slice(0, from - line.from);
  const tail = doc.lineAt(to).text.slice(to - doc.lineAt(to).from);
  const [indent] = /^[ \t]*/.exec(head) ?? [''];
  if (isBlock) {
    return { from, to, before: head ? '\n' : '', after: tail ? '\n' : '', indent };
  }
  const language = canonical(style.language);
  const code = ['markdown', 'text'].includes(language) ? '' : doc.toString();
  const placing = { ...style, language, text, state, from, to, code, head, tail };
  if (code && breaks(placing)) {
    return below(placing);
  }
  if (from < to) {
    return { from, to, before: '', after: '', indent };
  }
  const isStatement = text.includes('\n') || STATEMENT.test(text);
  if (isStatement && !head.trim()) {
    return { from, to, before: '', after: tail.trim() ? `\n${head}` : '', indent };
  }
  // After a blank, a word may go on with what is there: only what is a statement for sure does not.
  const follows = WHOLE.test(head) || text.includes('\n') || SURE.test(text);
  const isArgument = isClause(text) && code && bracketOf(placing) !== undefined;
  if (isStatement && follows && WHOLE.test(head.trimEnd()) && !isArgument) {
    return below(placing);
  }
  return {
    from,
    to,
    before: glue(head.slice(-1), text.slice(0, 1)),
    after: glue(text.slice(-1), tail.slice(0, 1)),
    indent
  };
}

/** Whether the text would break the code at its place. */
function breaks(placing: IPlacing): boolean {
  const { code, text, from, to, language, head, tail } = placing;
  const { isText } = placeIn(code, from, language);
  if (isText) {
    return false;
  }
  const isInside = bracketOf(placing) !== undefined;
  const isMiddle = Boolean(head.trim() || tail.trim());
  const isStatement =
    !(isInside && isClause(text)) && (SURE.test(text) || hasStatements(text, language));
  if (from < to) {
    return isStatement && isMiddle;
  }
  const isBody =
    language === 'python' ? /:\s*$/.test(head) : /\{\s*$/.test(head) && !tail.trim();
  const isKeyword = KEYWORD.test(text) && Boolean(head.trim());
  if (isStatement && (isInside || isBody || isKeyword)) {
    return true;
  }
  return head.trim() ? isGlued(text, tail) : isInside && OPERAND_START.test(tail);
}

/** Whether a text looks like a statement but may stand in brackets: an argument by name, a subquery, a clause. */
function isClause(text: string): boolean {
  if (/^(?:select|with)\b/iu.test(text)) {
    return !/:\s*$/mu.test(text);
  }
  return /^\w+=(?![=\s])|^(?:async|for|if)\b(?!.*:(?:\s|$)).*$/u.test(text.trimEnd());
}

/** Whether an operand would follow another one; a blank is enough between two words. */
function isGlued(text: string, tail: string): boolean {
  if (WORD.test(text.slice(-1))) {
    return /^["'`]/u.test(tail);
  }
  // `.head()` stays before `[0]`.
  const start = text.startsWith('.') ? /^[\p{L}\p{N}_"'`]/u : OPERAND_START;
  return OPERAND_END.test(text) && start.test(tail);
}

/** Whether a text of several lines is more than one expression. */
function hasStatements(text: string, language: string): boolean {
  const lines = outerLines(text, language).filter(line => line.trim());
  return lines.some(
    (line, index) =>
      index > 0 && STATEMENT.test(line.trimStart()) && !OPEN_END.test(lines[index - 1])
  );
}

/** Where the outermost bracket around the place opens; outside of Python, braces are around statements. */
function bracketOf({ code, from, language, head }: IPlacing): number | undefined {
  const { open } = placeIn(code, from, language);
  const blocks = language === 'python' ? '' : open.map(at => code.charAt(at)).join('');
  // What is not closed belongs to what is being written only when it is in the same line.
  return open
    .slice(blocks.lastIndexOf('{') + 1)
    .find(at => at >= from - head.length || closing(code, at, language) !== null);
}

/** Below the statement at the cursor, with its indentation; in its body when it has one. */
function below(placing: IPlacing): IPlacement {
  const { code, state, from, to, language, tab } = placing;
  const opened = code ? bracketOf(placing) : undefined;
  const closed = opened === undefined ? null : closing(code, opened, language);
  const last = state.doc.lineAt(Math.max(to, closed ?? 0));
  const [indent] = /^[ \t]*/.exec(state.doc.lineAt(opened ?? from).text) ?? [''];
  const [written] = last.text.split(commentsOf(language)[0] || '\n');
  const hasBody = code && (language === 'python' ? /:\s*$/ : /\{\s*$/).test(written);
  return {
    from: last.to,
    to: last.to,
    before: '\n',
    after: '',
    indent: hasBody ? bodyIndent(code.slice(last.to), indent, tab) : indent
  };
}

/** The indentation of the body whose header ends where the code goes on. */
function bodyIndent(rest: string, indent: string, tab: string): string {
  const [, next = ''] = /^\s*\n([ \t]*)\S/.exec(rest) ?? [];
  return next.length > indent.length ? next : indent + tab;
}

/** The blank that two words need between them. */
function glue(left: string, right: string): string {
  return WORD.test(left) && WORD.test(right) ? ' ' : '';
}
