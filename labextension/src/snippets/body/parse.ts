/**
 * The grammar of VS Code's snippet bodies, as the kernel has it too (`kernels/orrery_kernels/snippets/template/grammar.py`).
 *
 * Runs once over the body: what turns out to be malformed is text, and what was read inside it is kept.
 */
import { MALFORMED_STEPS, type Budget } from './budget';
import { transformer, type FormatPiece, type Transform } from './transform';

/** A piece of a body. */
export type Node =
  | { kind: 'text'; value: string }
  | {
      kind: 'stop';
      n: number;
      children: readonly Node[] | null;
      choices: readonly string[] | null;
      transform: Transform | null;
    }
  | {
      kind: 'variable';
      name: string;
      children: readonly Node[] | null;
      transform: Transform | null;
    };

// Deeper than anybody nests, and shallow enough for the stack.
const DEPTH = 50;
const HIGHEST = 1e9;
// Options, an expression or a format that are longer are not looked for, so that a hostile body costs no more than a long one.
const OPTIONS = 4_000;
const PART = 1_000;
const EXPRESSION = /((?:\\[^]|[^\\/]){0,1000})\//uy;
const FLAGS = /([^}]{0,16})\}/uy;
const GROUP = /\$(?:([0-9]{1,6})|\{([0-9]{1,6})(?:\}|:\/([A-Za-z_][A-Za-z0-9_]*)\}))/uy;
// A number, a colon and a sign after the opening brace (7b) of a group.
const CONDITION = /\$\x7b([0-9]{1,6}):(?!\/)([+?-]?)/uy;
const UNTIL_COLON = /((?:\\[$}\\]|[^\\:]){1,1000}):/uy;
const UNTIL_BRACE = /((?:\\[$}\\]|[^\\}]){1,1000})\}/uy;

/** The pieces of a body; throws `BodyTooLarge` when the budget has too few steps left. */
export function parse(body: string, budget: Budget): Node[] {
  return new Parser(body, budget).all();
}

class Parser {
  constructor(
    private readonly body: string,
    private readonly budget: Budget
  ) {}

  all(): Node[] {
    return this.nodes(0, false).nodes;
  }

  /** The pieces up to the end, or up to the closing brace, which is passed. */
  private nodes(depth: number, inside: boolean): { nodes: Node[]; closed: boolean } {
    const nodes: Node[] = [];
    let text = '';
    const flush = () => {
      if (text) {
        nodes.push({ kind: 'text', value: text });
        text = '';
      }
    };
    while (this.at < this.body.length) {
      const char = this.body[this.at];
      if (char === '\\' && '$}\\'.includes(this.body.charAt(this.at + 1) || ' ')) {
        text += this.body[this.at + 1];
        this.at += 2;
      } else if (char === '}' && inside) {
        this.at += 1;
        flush();
        return { nodes, closed: true };
      } else if (char === '$') {
        const parsed = this.dollar(depth);
        if (parsed.length > 0) {
          flush();
          nodes.push(...parsed);
        } else {
          text += char;
          this.at += 1;
        }
      } else {
        text += char;
        this.at += 1;
      }
    }
    flush();
    return { nodes, closed: false };
  }

  /** What begins at a dollar; nothing when it is only a dollar. */
  private dollar(depth: number): Node[] {
    const simple = this.match(/\$(?:(\d+)|([A-Za-z_]\w*))/y);
    if (simple) {
      return [head(simple[1], simple[2])];
    }
    const start = this.at;
    const braced = this.match(/\$\{(?:(\d+)|([A-Za-z_]\w*))([}:|/])/y);
    if (!braced) {
      return [];
    }
    const node = head(braced[1], braced[2]);
    switch (braced[3]) {
      case '}':
        return [node];
      case ':':
        return depth < DEPTH
          ? this.withDefault(node, braced[0], depth)
          : this.back(start);
      case '|':
        return this.withChoices(node) ?? this.malformed(start);
      default:
        return this.withTransform(node) ?? this.malformed(start);
    }
  }

  private withDefault(node: Head, opening: string, depth: number): Node[] {
    const { nodes, closed } = this.nodes(depth + 1, true);
    return closed
      ? [{ ...node, children: nodes }]
      : [{ kind: 'text', value: opening }, ...nodes];
  }

  private withChoices(node: Head): Node[] | null {
    const choices: string[] = [];
    const limit = Math.min(this.body.length, this.at + OPTIONS);
    let option = '';
    while (this.at < limit) {
      const char = this.body[this.at++];
      if (char === '\\' && ',|\\'.includes(this.body.charAt(this.at) || ' ')) {
        option += this.body[this.at++];
      } else if (char === ',' || char === '|') {
        if (!option) {
          return null;
        }
        choices.push(option);
        option = '';
        if (char === '|') {
          const closed = this.body[this.at] === '}';
          this.at += 1;
          return closed && node.kind === 'stop' && node.n > 0
            ? [{ ...node, choices }]
            : null;
        }
      } else {
        option += char;
      }
    }
    return null;
  }

  private withTransform(node: Head): Node[] | null {
    const source = this.match(EXPRESSION)?.[1].replaceAll('\\/', '/');
    const format = source === undefined ? null : this.format();
    const flags = format && this.match(FLAGS);
    const transform =
      source !== undefined &&
      format &&
      flags &&
      transformer(source, flags[1], format, this.budget);
    return transform ? [{ ...node, transform }] : null;
  }

  /** The format of a transform up to its slash, which is passed; null when there is none. */
  private format(): FormatPiece[] | null {
    const pieces: FormatPiece[] = [];
    const limit = this.at + PART;
    while (this.at < this.body.length && this.at < limit) {
      const char = this.body[this.at];
      const group = char === '$' ? this.group() : null;
      if (group) {
        pieces.push(group);
        continue;
      }
      this.at += 1;
      if (char === '/') {
        return pieces;
      }
      const escaped = char === '\\' && '/\\'.includes(this.body.charAt(this.at) || ' ');
      pieces.push({ kind: 'text', value: escaped ? this.body[this.at++] : char });
    }
    return null;
  }

  private group(): FormatPiece | null {
    const simple = this.match(GROUP);
    if (simple) {
      const index = Number(simple[1] ?? simple[2]);
      return { kind: 'group', index, change: simple[3] };
    }
    const start = this.at;
    const opening = this.match(CONDITION);
    const piece = opening && this.conditional(Number(opening[1]), opening[2]);
    if (!piece) {
      this.at = start;
    }
    return piece;
  }

  private conditional(index: number, sign: string): FormatPiece | null {
    const then = sign === '?' ? this.branch(UNTIL_COLON) : undefined;
    const last = then === null ? null : this.branch(UNTIL_BRACE);
    if (last === null || then === null) {
      return null;
    }
    return sign === '+'
      ? { kind: 'group', index, then: last }
      : { kind: 'group', index, then, otherwise: last };
  }

  /** The text of a branch, whose end is passed; null when it is empty or has no end. */
  private branch(pattern: RegExp): string | null {
    return this.match(pattern)?.[1].replace(/\\([$}\\])/g, '$1') ?? null;
  }

  private match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.body);
    if (match) {
      this.at = pattern.lastIndex;
    }
    return match;
  }

  private malformed(start: number): Node[] {
    this.budget.charge(MALFORMED_STEPS);
    return this.back(start);
  }

  private back(start: number): Node[] {
    this.at = start;
    return [];
  }

  private at = 0;
}

type Head = Exclude<Node, { kind: 'text' }>;

function head(n: string | undefined, name: string): Head {
  return n === undefined
    ? { kind: 'variable', name, children: null, transform: null }
    : {
        kind: 'stop',
        n: Math.min(Number(n), HIGHEST),
        children: null,
        choices: null,
        transform: null
      };
}
