/**
 * What a snippet body in the syntax of VS Code becomes: its text and the places to fill in.
 *
 * `tests/contracts/snippet_bodies.json` says it by cases, for this and for the kernel.
 */
import { INDENTED, VARIABLES, type Resolve, type Value } from './names';
import { parse, type Node } from './parse';

export { VARIABLES, type Resolve, type Value } from './names';

/** A place in a text, in UTF-16 code units, the end excluded. */
export interface IRange {
  readonly from: number;
  readonly to: number;
}

/** What a mirror does to the text of its stop. */
export type Transform = (text: string) => string;

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
}

// What a body may grow to by its mirrors and variables; what is beyond stays empty.
const TEXT_LIMIT = 2_000_000;
const MIRRORED_LIMIT = 20_000;
// Mirrors of mirrors of defaults go no deeper.
const DEPTH_LIMIT = 100;

/** The body in the syntax of VS Code, expanded. Never throws: what is malformed is text. */
export function expand(body: string, resolve: Resolve): IExpansion {
  return new Rendering(parse(body), resolve).done();
}

/** The last stop of a text that names none. */
export function ending(text: string, order: number): IField {
  return { from: text.length, to: text.length, transform: null, order, last: order };
}

/** The names of the variables that a body uses. */
export function variablesOf(body: string): ReadonlySet<string> {
  const names = new Set<string>();
  walk(parse(body), node => {
    if (node.kind === 'variable') {
      names.add(node.name);
    }
  });
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
    private readonly resolve: Resolve
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
      } else if (node.kind === 'stop') {
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
    const mirrors = source !== node;
    const choices = source.choices ?? this.valuesOf(source) ?? null;
    const content = () => this.content(node.n, source, choices, mirrors);
    if (node.transform) {
      this.field(node.n, choices, node.transform, () => {
        this.write(node.transform?.(this.aside(content)) ?? '');
      });
    } else {
      this.field(node.n, choices, null, content);
    }
  }

  private content(
    n: number,
    source: Stop,
    choices: readonly string[] | null,
    mirrors: boolean
  ): void {
    if (choices) {
      this.write(choices[0]);
    } else if (source.children) {
      this.active.add(n);
      this.mirroring += mirrors ? 1 : 0;
      this.render(source.children);
      this.mirroring -= mirrors ? 1 : 0;
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
      this.write(node.transform(first(value)));
    } else if (typeof value === 'object' && value.length > 1) {
      this.field(this.numberOf(node.name), value, null, () => this.write(value[0]));
    } else if (first(value)) {
      const text = first(value);
      this.write(
        INDENTED.has(node.name) ? text.replace(/\n/g, `\n${this.indent()}`) : text
      );
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
    if (this.mirroring > 0 && ++this.mirrored > MIRRORED_LIMIT) {
      return;
    }
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
    const { text } = this;
    this.silent += 1;
    render();
    this.silent -= 1;
    const written = this.text.slice(text.length);
    this.text = text;
    return written;
  }

  private write(text: string): void {
    this.text += text.slice(0, Math.max(0, TEXT_LIMIT - this.text.length));
  }

  private indent(): string {
    const line = this.text.slice(this.text.lastIndexOf('\n') + 1);
    return /^[ \t]*/.exec(line)?.[0] ?? '';
  }

  private text = '';
  private fields = 0;
  private highest = 0;
  private mirroring = 0;
  private mirrored = 0;
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
