/**
 * What a snippet body in the syntax of VS Code becomes: its text and the places to fill in.
 *
 * `tests/contracts/snippet_bodies.json` says it by cases, for this and for the kernel.
 */
import { BodyTooLarge, Budget, NODE_STEPS } from './budget';
import { INDENTED, VARIABLES, type Resolve, type Value } from './names';
import { parse, type Node } from './parse';
import type { Transform } from './transform';

export { VARIABLES, type Resolve, type Value } from './names';
export type { Transform } from './transform';

/** A place in a text, in UTF-16 code units, the end excluded. */
export interface IRange {
  readonly from: number;
  readonly to: number;
}

/** One of the places of a tab stop. */
export interface IField extends IRange {
  /** How the text of the stop is shown here; null for as it is. */
  readonly transform: Transform | null;
  /** Its number in the order in which the fields begin. */
  readonly order: number;
  /** The highest order of what is inside it; its own when nothing is. */
  readonly last: number;
}

/** A tab stop and every place of it. */
export interface IStop {
  /** 1..n in the order of visiting; 0 is the last. */
  readonly n: number;
  readonly default: string;
  readonly choices: readonly string[] | null;
  readonly ranges: readonly IField[];
}

/** A body with every default filled in. */
export interface IExpansion {
  readonly text: string;
  readonly stops: readonly IStop[];
  /** True: it takes more steps, or becomes longer, than a body may, and the text is the body as it is written. */
  readonly isUnexpanded?: boolean;
}

// What a body may grow to by its mirrors and variables.
const TEXT_LIMIT = 2_000_000;
// Mirrors of mirrors of defaults go no deeper.
const DEPTH_LIMIT = 100;

/**
 * The body in the syntax of VS Code, expanded. Never throws: what is malformed is text.
 *
 * Bodies that are expanded together share a budget.
 */
export function expand(
  body: string,
  resolve: Resolve,
  budget = new Budget()
): IExpansion {
  try {
    return new Rendering(parse(body, budget), resolve, budget).done();
  } catch (error) {
    if (!(error instanceof BodyTooLarge)) {
      throw error;
    }
    const stops = [{ n: 0, default: '', choices: null, ranges: [ending(body, 0)] }];
    return { text: body, stops, isUnexpanded: true };
  }
}

/** The last stop of a text that names none. */
export function ending(text: string, order: number): IField {
  return { from: text.length, to: text.length, transform: null, order, last: order };
}

/** The names of the variables that a body uses. */
export function variablesOf(body: string): ReadonlySet<string> {
  const names = new Set<string>();
  try {
    walk(parse(body, new Budget()), node => {
      if (node.kind === 'variable') {
        names.add(node.name);
      }
    });
  } catch (error) {
    // A body that is not expanded uses none.
    if (!(error instanceof BodyTooLarge)) {
      throw error;
    }
  }
  return names;
}

/** The body that stands for a text and means nothing else. */
export function escapeBody(text: string): string {
  return text.replace(/[$}\\]/g, '\\$&');
}

type Stop = Extract<Node, { kind: 'stop' }>;
type Variable = Extract<Node, { kind: 'variable' }>;

interface IOpenStop {
  choices: readonly string[] | null;
  ranges: IField[];
}

function walk(nodes: readonly Node[], visit: (node: Node) => void): void {
  for (const node of nodes) {
    visit(node);
    if (node.kind !== 'text' && node.children) {
      walk(node.children, visit);
    }
  }
}

class Rendering {
  constructor(
    nodes: readonly Node[],
    private readonly resolve: Resolve,
    private readonly budget: Budget
  ) {
    walk(nodes, node => {
      if (node.kind === 'stop') {
        this.highest = Math.max(this.highest, node.n);
        const hasDefault = node.n > 0 && (node.children?.length || node.choices);
        if (hasDefault && !this.defaults.has(node.n)) {
          this.defaults.set(node.n, node);
        }
      }
    });
    this.render(nodes);
  }

  done(): IExpansion {
    const text = this.text;
    if (!this.stops.has(0)) {
      this.stops.set(0, { choices: null, ranges: [ending(text, this.fields)] });
    }
    const last = (n: number) => (n === 0 ? Infinity : n);
    const stops = [...this.stops].sort(([a], [b]) => last(a) - last(b));
    return {
      text,
      stops: stops.map(([n, { choices, ranges }]) => ({
        n,
        default: text.slice(ranges[0].from, ranges[0].to),
        choices,
        ranges
      }))
    };
  }

  private render(nodes: readonly Node[]): void {
    if (this.depth > DEPTH_LIMIT) {
      return;
    }
    this.depth += 1;
    for (const node of nodes) {
      if (node.kind === 'text') {
        this.write(node.value);
        continue;
      }
      this.budget.charge(NODE_STEPS);
      if (node.kind === 'stop') {
        this.stop(node);
      } else {
        this.variable(node);
      }
    }
    this.depth -= 1;
  }

  private stop(node: Stop): void {
    // A stop inside itself could never come to rest.
    if (this.active.has(node.n)) {
      return;
    }
    const source = this.defaults.get(node.n) ?? node;
    const choices = source.choices ?? this.valuesOf(source) ?? null;
    const content = () => this.content(node.n, source, choices);
    if (node.transform) {
      this.field(node.n, choices, node.transform, () => {
        this.write(node.transform?.(this.aside(content), this.budget) ?? '');
      });
    } else {
      this.field(node.n, choices, null, content);
    }
  }

  private content(n: number, source: Stop, choices: readonly string[] | null): void {
    if (choices) {
      this.write(choices[0]);
    } else if (source.children) {
      this.active.add(n);
      this.render(source.children);
      this.active.delete(n);
    }
  }

  /** The texts to choose from when all that a placeholder holds is a variable with several. */
  private valuesOf(source: Stop): readonly string[] | null {
    const [only, ...more] = source.children ?? [];
    if (only?.kind !== 'variable' || only.transform || more.length > 0) {
      return null;
    }
    const value = this.resolve(only.name, only.children !== null);
    return typeof value === 'object' && value.length > 1 ? value : null;
  }

  private variable(node: Variable): void {
    const value = this.resolve(node.name, node.children !== null);
    if (node.transform) {
      this.write(node.transform(first(value), this.budget));
    } else if (typeof value === 'object' && value.length > 1) {
      this.field(this.numberOf(node.name), value, null, () => this.write(value[0]));
    } else if (first(value)) {
      const text = first(value);
      this.write(INDENTED.has(node.name) ? this.indented(text) : text);
    } else if (node.children) {
      this.render(node.children);
    } else if (!VARIABLES.has(node.name)) {
      this.field(this.numberOf(node.name), null, null, () => this.write(node.name));
    }
  }

  private numberOf(name: string): number {
    const known = this.numbers.get(name);
    if (known !== undefined) {
      return known;
    }
    this.highest += 1;
    this.numbers.set(name, this.highest);
    return this.highest;
  }

  private field(
    n: number,
    choices: readonly string[] | null,
    transform: Transform | null,
    content: () => void
  ): void {
    if (this.silent > 0) {
      content();
      return;
    }
    const from = this.text.length;
    const range = { from, to: from, transform, order: this.fields, last: this.fields };
    this.fields += 1;
    const stop = this.stops.get(n) ?? { choices, ranges: [] };
    stop.ranges.push(range);
    this.stops.set(n, stop);
    content();
    range.to = this.text.length;
    range.last = this.fields - 1;
  }

  /** What some rendering writes, without writing it. */
  private aside(render: () => void): string {
    const { text, indent, isInIndent } = this;
    this.silent += 1;
    this.before += text.length;
    this.text = '';
    render();
    const written = this.text;
    this.silent -= 1;
    this.before -= text.length;
    Object.assign(this, { text, indent, isInIndent });
    return written;
  }

  private write(text: string): void {
    this.requireRoom(text.length);
    this.text += text;
    const begin = text.lastIndexOf('\n') + 1;
    if (begin > 0 || this.isInIndent) {
      const blanks = /[ \t]*/y;
      blanks.lastIndex = begin;
      const leading = blanks.exec(text)?.[0] ?? '';
      this.indent = (begin > 0 ? '' : this.indent) + leading;
      this.isInIndent = begin + leading.length === text.length;
    }
  }

  /** Later lines of a selection take the white space that the present line begins with. */
  private indented(text: string): string {
    const lines = text.split('\n');
    this.requireRoom((lines.length - 1) * this.indent.length);
    return lines.join(`\n${this.indent}`);
  }

  private requireRoom(length: number): void {
    if (this.before + this.text.length + length > TEXT_LIMIT) {
      throw new BodyTooLarge();
    }
  }

  private text = '';
  /** How much text stands before what is written aside. */
  private before = 0;
  /** The white space that the present line begins with. */
  private indent = '';
  private isInIndent = true;
  private fields = 0;
  private highest = 0;
  private silent = 0;
  private depth = 0;
  private readonly active = new Set<number>();
  private readonly defaults = new Map<number, Stop>();
  private readonly numbers = new Map<string, number>();
  private readonly stops = new Map<number, IOpenStop>();
}

function first(value: Value | undefined): string {
  return (typeof value === 'object' ? value[0] : value) ?? '';
}
