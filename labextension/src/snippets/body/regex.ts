/**
 * Regular expressions of transforms: JavaScript's syntax, in bounded time.
 *
 * The kernel has the same engine (`kernels/orrery_kernels/snippets/template/regex.py`, which has the grammar and the
 * reasons): the same expressions are accepted, and the same steps counted over the same characters (code points).
 */
import { Budget } from './budget';
import {
  CLASSES,
  LINE_ENDS,
  WORD,
  caseForms,
  hasCategory,
  isCategory,
  type CharacterTest
} from './characters';

export const MAX_STEPS = 120_000;
export const MAX_PROGRAM = 1_500;
const MAX_NESTING = 40;
// How far back a lookbehind may begin.
const MAX_BEHIND = 200;
// So many tests of a class are made in the time of one step.
const TESTS_PER_STEP = 16;

/** The text is no expression, or is too large for one. */
export class ExpressionError extends Error {}

/** It has more than `MAX_PROGRAM` instructions. */
export class ExpressionTooLargeError extends ExpressionError {}

/** The search was given up. */
export class StepLimitError extends Error {}

/** Begin and end of the match and of each group, in code points; -1 where a group took no part. */
export type Captures = readonly number[];

type Instruction =
  | { name: 'set'; accepts: (char: string) => boolean; cost: number }
  | { name: 'split'; first: number; second: number }
  | { name: 'jump'; first: number }
  | { name: 'save'; first: number }
  | { name: 'clear'; first: number; second: number }
  | { name: 'back'; first: number; ignoresCase: boolean }
  | { name: 'look'; inner: IProgram; isBehind: boolean; isNegated: boolean }
  | { name: 'holds'; what: Place }
  | { name: 'match' };

type RareInstruction = Exclude<
  Instruction,
  { name: 'set' | 'split' | 'jump' | 'match' }
>;

type Place =
  'text-start' | 'text-end' | 'line-start' | 'line-end' | 'boundary' | 'no-boundary';

interface IProgram {
  steps: Instruction[];
  hasBackreference: boolean;
  /** How many instructions the expression has, with those inside its look-arounds. */
  size: { total: number };
}

/** A part of an expression that writes its instructions. */
interface INode {
  write: (program: IProgram) => void;
  /** The numbers of the groups in it, the end excluded. */
  groups: readonly [number, number];
}

/** A compiled expression; throws `ExpressionError` when the text is none or the flags are wrong. */
export class Expression {
  constructor(source: string, flags: string) {
    const isOnce = new Set(flags).size === flags.length;
    if (!/^[dgimsuvy]*$/.test(flags) || !isOnce || /u.*v|v.*u/.test(flags)) {
      throw new ExpressionError();
    }
    const parser = new Parser(source, flags);
    const node = parser.parse();
    this._groups = parser.groupCount;
    node.write(this._program);
    emit(this._program, { name: 'match' });
    this._isSticky = flags.includes('y');
    const first = this._program.steps.find(({ name }) => name !== 'save');
    this._isAnchored = first?.name === 'holds' && first.what === 'text-start';
  }

  /** How many instructions it has. */
  get size(): number {
    return this._program.size.total;
  }

  /**
   * The first match, or all of them.
   *
   * Throws `StepLimitError` when it takes too many steps, and `BodyTooLarge` when the budget has fewer left.
   */
  matches(
    text: readonly string[],
    everywhere: boolean,
    budget = new Budget()
  ): Captures[] {
    const search = new Search(text, Math.min(MAX_STEPS, budget.left));
    let result: Captures[] | null = null;
    try {
      result = this._matches(search, everywhere);
    } catch (error) {
      if (!(error instanceof StepLimitError)) {
        throw error;
      }
    }
    budget.charge(search.used);
    if (!result) {
      throw new StepLimitError();
    }
    return result;
  }

  private _matches(search: Search, everywhere: boolean): Captures[] {
    const { text } = search;
    const result: Captures[] = [];
    let at = 0;
    while (at <= text.length) {
      const match = this._next(search, at);
      if (!match) {
        break;
      }
      result.push(match);
      if (!everywhere) {
        break;
      }
      at = match[1] + (match[1] === match[0] ? 1 : 0);
    }
    return result;
  }

  private _next(search: Search, begin: number): Captures | null {
    const seen = new Set<number>();
    search.charge(this._groups);
    const none = new Array<number>(2 * this._groups).fill(-1);
    let last = search.text.length;
    if (this._isSticky) {
      last = begin;
    } else if (this._isAnchored) {
      last = 0;
    }
    for (let start = begin; start <= last; start++) {
      const match = search.run(this._program, start, none, seen, -1);
      if (match) {
        return [start, ...match];
      }
    }
    return null;
  }

  private readonly _program: IProgram = {
    steps: [],
    hasBackreference: false,
    size: { total: 0 }
  };
  private readonly _groups: number;
  private readonly _isSticky: boolean;
  private readonly _isAnchored: boolean;
}

function emit(program: IProgram, instruction: Instruction): number {
  program.size.total += 1;
  if (program.size.total > MAX_PROGRAM) {
    throw new ExpressionTooLargeError();
  }
  return program.steps.push(instruction) - 1;
}

interface IState {
  at: number;
  place: number;
  groups: Captures;
}

function replaced(groups: Captures, slot: number, place: number): Captures {
  const copy = [...groups];
  copy[slot] = place;
  return copy;
}

/** One search in one text. */
class Search {
  constructor(
    readonly text: readonly string[],
    private readonly limit: number
  ) {
    this._left = limit;
  }

  /** The steps taken so far. */
  get used(): number {
    return this.limit - this._left;
  }

  /** Take steps; the next step ends the search when there are none left. */
  charge(steps: number): void {
    this._left -= steps;
  }

  /** The end and the groups of a match that begins at a place, and ends at another unless that is negative. */
  run(
    program: IProgram,
    start: number,
    captures: Captures,
    seen: Set<number>,
    end: number
  ): Captures | null {
    const { steps, hasBackreference } = program;
    const { text } = this;
    const stack: IState[] = [{ at: 0, place: start, groups: captures }];
    for (let state = stack.pop(); state; state = stack.pop()) {
      let { at, place, groups } = state;
      for (;;) {
        const step = steps[at];
        this._left -= step.name === 'set' ? step.cost : 1;
        if (this._left < 0) {
          throw new StepLimitError();
        }
        if (step.name === 'set') {
          if (place >= text.length || !step.accepts(text[place])) {
            break;
          }
          place += 1;
          at += 1;
        } else if (step.name === 'split') {
          const key = place * steps.length + at;
          if (!hasBackreference && seen.has(key)) {
            break;
          }
          seen.add(key);
          stack.push({ at: step.second, place, groups });
          at = step.first;
        } else if (step.name === 'jump') {
          at = step.first;
        } else if (step.name === 'match') {
          if (end < 0 || place === end) {
            return [place, ...groups];
          }
          break;
        } else {
          const after = this._step(step, place, groups);
          if (!after) {
            break;
          }
          ({ place, groups } = after);
          at += 1;
        }
      }
    }
    return null;
  }

  /** Place and groups after a step that is rarer than the others; null where it fails. */
  private _step(
    step: RareInstruction,
    place: number,
    groups: Captures
  ): { place: number; groups: Captures } | null {
    switch (step.name) {
      case 'save':
        this._left -= groups.length / 2;
        return { place, groups: replaced(groups, step.first, place) };
      case 'clear': {
        this._left -= groups.length / 2;
        const isInside = (slot: number) => slot >= step.first && slot < step.second;
        return {
          place,
          groups: groups.map((value, slot) => (isInside(slot) ? -1 : value))
        };
      }
      case 'back': {
        const [begin, end] = groups.slice(step.first, step.first + 2);
        const part = Math.min(begin, end) >= 0 ? this.text.slice(begin, end) : [];
        const isSame = this._same(part, place, step.ignoresCase);
        return isSame ? { place: place + part.length, groups } : null;
      }
      case 'look': {
        this._left -= groups.length / 2;
        const match = this._look(step, place, groups);
        if (step.isNegated) {
          return match ? null : { place, groups };
        }
        return match && { place, groups: match };
      }
      case 'holds':
        return this._holds(step.what, place) ? { place, groups } : null;
    }
  }

  private _same(part: readonly string[], place: number, ignoresCase: boolean): boolean {
    this._left -= part.length;
    return part.every((char, index) => {
      const other = this.text[place + index];
      return other !== undefined && ignoresCase
        ? caseForms(other).includes(char)
        : char === other;
    });
  }

  /** The groups after a look ahead or behind. */
  private _look(
    step: Extract<Instruction, { name: 'look' }>,
    place: number,
    groups: Captures
  ): Captures | null {
    const last = step.isBehind ? Math.max(0, place - MAX_BEHIND) : place;
    const end = step.isBehind ? place : -1;
    for (let start = place; start >= last; start--) {
      const match = this.run(step.inner, start, groups, new Set(), end);
      if (match) {
        return match.slice(1);
      }
    }
    return null;
  }

  private _holds(what: Place, place: number): boolean {
    const { text } = this;
    switch (what) {
      case 'text-start':
        return place === 0;
      case 'text-end':
        return place === text.length;
      case 'line-start':
        return place === 0 || LINE_ENDS.has(text[place - 1]);
      case 'line-end':
        return place === text.length || LINE_ENDS.has(text[place]);
    }
    const before = place > 0 && WORD.has(text[place - 1]);
    const after = place < text.length && WORD.has(text[place]);
    return (before !== after) === (what === 'boundary');
  }

  private _left: number;
}

const CONTROL: Readonly<Record<string, string>> = {
  n: '\n',
  r: '\r',
  t: '\t',
  v: '\v',
  f: '\f',
  0: '\0'
};
const COUNTS: readonly (readonly [string, number, number])[] = [
  ['*', 0, Infinity],
  ['+', 1, Infinity],
  ['?', 0, 1]
];

/** Reads an expression once, from the left. */
class Parser {
  constructor(
    private readonly source: string,
    private readonly flags: string
  ) {}

  groupCount = 0;

  /** The whole expression. */
  parse(): INode {
    const node = this._alternatives();
    if (this._at < this.source.length) {
      throw new ExpressionError();
    }
    return node;
  }

  private _alternatives(): INode {
    this._depth += 1;
    if (this._depth > MAX_NESTING) {
      throw new ExpressionError();
    }
    const begin = this.groupCount;
    const options = [this._sequence()];
    while (this._accept('|')) {
      options.push(this._sequence());
    }
    this._depth -= 1;
    return {
      write: program => writeOptions(program, options),
      groups: [begin, this.groupCount]
    };
  }

  private _sequence(): INode[] {
    const nodes: INode[] = [];
    while (this._at < this.source.length && !'|)'.includes(this.source[this._at])) {
      nodes.push(this._repeated(this._item()));
    }
    return nodes;
  }

  private _repeated({ node, mayRepeat }: IItem): INode {
    const [least, most] = this._count();
    if (least === 1 && most === 1) {
      return node;
    }
    if (!mayRepeat || most < least) {
      throw new ExpressionError();
    }
    const isGreedy = !this._accept('?');
    return {
      write: program => writeRepeat(program, node, least, most, isGreedy),
      groups: node.groups
    };
  }

  /** How often at least and at most; once where nothing is said. */
  private _count(): readonly [number, number] {
    for (const [sign, least, most] of COUNTS) {
      if (this._accept(sign)) {
        return [least, most];
      }
    }
    const match = this._match(/\{([0-9]{1,4})(?:(,)([0-9]{0,4}))?\}/uy);
    if (!match) {
      return [1, 1];
    }
    const least = Number(match[1]);
    const open = match[3] ? Number(match[3]) : Infinity;
    const most = match[2] ? open : least;
    if (least === 1 && most === 1) {
      this._accept('?');
    }
    return [least, most];
  }

  private _item(): IItem {
    const here = this._char();
    if (here === '(') {
      return this._group();
    }
    this._at += here.length;
    if ('*+?'.includes(here)) {
      throw new ExpressionError();
    }
    const isMultiline = this.flags.includes('m');
    switch (here) {
      case '^':
        return this._place(isMultiline ? 'line-start' : 'text-start');
      case '$':
        return this._place(isMultiline ? 'line-end' : 'text-end');
      case '.': {
        const takesAll = this.flags.includes('s');
        return this._set([char => takesAll || !LINE_ENDS.has(char)]);
      }
      case '[':
        return this._class();
      case '\\':
        return this._escape();
      default:
        return this._set([equals(here)]);
    }
  }

  private _leaf(instruction: Instruction, mayRepeat: boolean): IItem {
    const groups = [this.groupCount, this.groupCount] as const;
    return {
      node: { write: program => emit(program, instruction), groups },
      mayRepeat
    };
  }

  private _place(what: Place): IItem {
    return this._leaf({ name: 'holds', what }, false);
  }

  private _set(tests: readonly CharacterTest[], isNegated = false): IItem {
    const accepts = characterSet(tests, isNegated, this.flags.includes('i'));
    const cost = 1 + Math.floor(tests.length / TESTS_PER_STEP);
    return this._leaf({ name: 'set', accepts, cost }, true);
  }

  private _group(): IItem {
    const begin = this.groupCount;
    const match = this._match(/\(\?(:|=|!|<=|<!|(?=<))/uy);
    if (!match && this.source.startsWith('(?', this._at)) {
      throw new ExpressionError();
    }
    this._at += match ? 0 : 1;
    const sign = match?.[1] ?? '';
    if (sign === '') {
      if (match) {
        this._nameGroup();
      }
      this.groupCount += 1;
    }
    const inside = this._alternatives();
    if (!this._accept(')')) {
      throw new ExpressionError();
    }
    const groups = [begin, this.groupCount] as const;
    if (sign === ':') {
      return { node: { ...inside, groups }, mayRepeat: true };
    }
    if (sign === '') {
      const write = (program: IProgram) => writeGroup(program, inside, begin);
      return { node: { write, groups }, mayRepeat: true };
    }
    const write = (program: IProgram) => writeLook(program, inside, sign);
    return { node: { write, groups }, mayRepeat: false };
  }

  private _nameGroup(): void {
    const name = this._match(/<([A-Za-z_$][A-Za-z0-9_$]*)>/uy)?.[1];
    if (name === undefined || this._names.has(name)) {
      throw new ExpressionError();
    }
    this._names.set(name, this.groupCount);
  }

  private _escape(): IItem {
    const here = this._char();
    if (here === 'b' || here === 'B') {
      this._at += 1;
      return this._place(here === 'b' ? 'boundary' : 'no-boundary');
    }
    if (/[1-9]/.test(here)) {
      this._at += 1;
      return this._backreference(Number(here) - 1);
    }
    if (here === 'k') {
      const name = this._match(/k<([A-Za-z_$][A-Za-z0-9_$]*)>/uy)?.[1] ?? '';
      return this._backreference(this._names.get(name) ?? this.groupCount);
    }
    return this._set([this._characterTest()]);
  }

  private _backreference(group: number): IItem {
    if (group >= this.groupCount) {
      throw new ExpressionError();
    }
    const groups = [this.groupCount, this.groupCount] as const;
    const ignoresCase = this.flags.includes('i');
    const write = (program: IProgram) => {
      program.hasBackreference = true;
      emit(program, { name: 'back', first: 2 * group, ignoresCase });
    };
    return { node: { write, groups }, mayRepeat: true };
  }

  /** The test of an escape, from the letter after the backslash on. */
  private _characterTest(): CharacterTest {
    const here = this._char();
    const members = CLASSES.get(here.toLowerCase());
    if (members) {
      this._at += 1;
      const isNegated = here !== here.toLowerCase();
      return char => members.has(char) !== isNegated;
    }
    if ((here === 'p' || here === 'P') && /[uv]/.test(this.flags)) {
      const name = this._match(/[pP]\{([A-Za-z]{1,2})\}/uy)?.[1] ?? '';
      if (!isCategory(name)) {
        throw new ExpressionError();
      }
      return char => hasCategory(char, name) !== (here === 'P');
    }
    return equals(this._character());
  }

  /** The character of an escape. */
  private _character(): string {
    const here = this._char();
    const hex = this._match(
      /x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|u\{([0-9A-Fa-f]{1,6})\}/uy
    );
    if (hex) {
      const code = parseInt(hex[1] ?? hex[2] ?? hex[3], 16);
      if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) {
        throw new ExpressionError();
      }
      return String.fromCodePoint(code);
    }
    this._at += here.length;
    if (Object.hasOwn(CONTROL, here)) {
      if (here === '0' && /[0-9]/.test(this.source.charAt(this._at))) {
        throw new ExpressionError();
      }
      return CONTROL[here];
    }
    if (WORD.has(here) && here !== '_') {
      throw new ExpressionError();
    }
    return here;
  }

  private _class(): IItem {
    const isNegated = this._accept('^');
    const tests: CharacterTest[] = [];
    while (!this._accept(']')) {
      const low = this._classItem();
      if (/^-[^\]]/u.test(this.source.slice(this._at, this._at + 3))) {
        this._at += 1;
        const high = this._classItem();
        if (typeof low !== 'string' || typeof high !== 'string') {
          throw new ExpressionError();
        }
        tests.push(between(low, high));
      } else {
        tests.push(typeof low === 'string' ? equals(low) : low);
      }
    }
    return this._set(tests, isNegated);
  }

  /** A character, or the test of a class such as `\d`. */
  private _classItem(): string | CharacterTest {
    const here = this._char();
    this._at += here.length;
    if (here !== '\\') {
      return here;
    }
    const letter = this._char();
    if (letter === 'b') {
      this._at += 1;
      return '\b';
    }
    const isProperty = /[pP]/.test(letter) && /[uv]/.test(this.flags);
    return isProperty || CLASSES.has(letter.toLowerCase())
      ? this._characterTest()
      : this._character();
  }

  /** The next character; throws at the end. */
  private _char(): string {
    const code = this.source.codePointAt(this._at);
    if (code === undefined) {
      throw new ExpressionError();
    }
    return String.fromCodePoint(code);
  }

  private _accept(text: string): boolean {
    const fits = this.source.startsWith(text, this._at);
    this._at += fits ? text.length : 0;
    return fits;
  }

  private _match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this._at;
    const match = pattern.exec(this.source);
    this._at = match ? pattern.lastIndex : this._at;
    return match;
  }

  private _at = 0;
  private _depth = 0;
  private readonly _names = new Map<string, number>();
}

interface IItem {
  node: INode;
  mayRepeat: boolean;
}

function equals(char: string): CharacterTest {
  return other => other === char;
}

function between(low: string, high: string): CharacterTest {
  const [first, last] = [low, high].map(char => char.codePointAt(0) ?? 0);
  if (first > last) {
    throw new ExpressionError();
  }
  return char => {
    const code = char.codePointAt(0) ?? 0;
    return first <= code && code <= last;
  };
}

/** The test of one place of an expression; what it said of a character is remembered. */
function characterSet(
  tests: readonly CharacterTest[],
  isNegated: boolean,
  ignoresCase: boolean
): CharacterTest {
  const known = new Map<string, boolean>();
  return char => {
    let fits = known.get(char);
    if (fits === undefined) {
      const forms = ignoresCase ? caseForms(char) : [char];
      fits = forms.some(form => tests.some(test => test(form))) !== isNegated;
      known.set(char, fits);
    }
    return fits;
  };
}

function writeOptions(program: IProgram, options: readonly (readonly INode[])[]): void {
  const { steps } = program;
  const ends: number[] = [];
  for (const option of options.slice(0, -1)) {
    const split = emit(program, { name: 'split', first: 0, second: 0 });
    option.forEach(node => node.write(program));
    ends.push(emit(program, { name: 'jump', first: 0 }));
    steps[split] = { name: 'split', first: split + 1, second: steps.length };
  }
  options.at(-1)?.forEach(node => node.write(program));
  ends.forEach(end => (steps[end] = { name: 'jump', first: steps.length }));
}

function writeRepeat(
  program: IProgram,
  node: INode,
  least: number,
  most: number,
  isGreedy: boolean
): void {
  const { steps } = program;
  const [begin, end] = node.groups;
  const writeOnce = (): void => {
    if (end > begin) {
      emit(program, { name: 'clear', first: 2 * begin, second: 2 * end });
    }
    node.write(program);
  };
  const split = (at: number): void => {
    const [first, second] = isGreedy ? [at + 1, steps.length] : [steps.length, at + 1];
    steps[at] = { name: 'split', first, second };
  };
  for (let count = 0; count < least; count++) {
    writeOnce();
  }
  if (most === Infinity) {
    const loop = emit(program, { name: 'split', first: 0, second: 0 });
    writeOnce();
    emit(program, { name: 'jump', first: loop });
    split(loop);
    return;
  }
  const splits: number[] = [];
  for (let count = least; count < most; count++) {
    splits.push(emit(program, { name: 'split', first: 0, second: 0 }));
    writeOnce();
  }
  splits.forEach(split);
}

function writeGroup(program: IProgram, inside: INode, group: number): void {
  emit(program, { name: 'save', first: 2 * group });
  inside.write(program);
  emit(program, { name: 'save', first: 2 * group + 1 });
}

function writeLook(program: IProgram, inside: INode, sign: string): void {
  const inner: IProgram = { steps: [], hasBackreference: false, size: program.size };
  inside.write(inner);
  emit(inner, { name: 'match' });
  emit(program, {
    name: 'look',
    inner,
    isBehind: sign.startsWith('<'),
    isNegated: sign.endsWith('!')
  });
}
