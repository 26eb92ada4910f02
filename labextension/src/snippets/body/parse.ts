/**
 * The grammar of VS Code's snippet bodies.
 *
 * Runs once over the body: what turns out to be malformed is text, and what was read inside it is kept.
 */
import { isChange, transformer, type FormatPiece } from './transform';

/** A piece of a body. */
export type Node =
  | { kind: 'text'; value: string }
  | {
      kind: 'stop';
      n: number;
      children: readonly Node[] | null;
      choices: readonly string[] | null;
      transform: ((text: string) => string) | null;
    }
  | {
      kind: 'variable';
      name: string;
      children: readonly Node[] | null;
      transform: ((text: string) => string) | null;
    };

// Deeper than anybody nests, and shallow enough for the stack.
const DEPTH = 50;
const HIGHEST = 1e9;
// An expression or format that is longer is not looked for, so that a hostile body costs no more than a long one.
const PART = 500;
// A number, a colon and a sign after the opening brace (7b) of a group.
const CONDITIONAL = /\$\x7b(\d+):([/+?-]?)/y;

/** The pieces of a body. Never throws. */
export function parse(body: string): Node[] {
  return new Parser(body).all();
}

class Parser {
  constructor(private readonly body: string) {}

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
        return this.withChoices(node) ?? this.back(start);
      default:
        return this.withTransform(node) ?? this.back(start);
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
    let option = '';
    while (this.at < this.body.length) {
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
    const source = this.until('/');
    const format = source === null ? null : this.format();
    const flags = format && this.match(/([a-z]*)\}/y);
    const transform =
      source !== null && format && flags && transformer(source, flags[1], format);
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
    const simple = this.match(/\$(?:(\d+)|\{(\d+)\})/y);
    if (simple) {
      return { kind: 'group', index: Number(simple[1] ?? simple[2]), change: null };
    }
    const start = this.at;
    const opening = this.match(CONDITIONAL);
    const piece = opening && this.conditional(Number(opening[1]), opening[2]);
    if (!piece) {
      this.at = start;
    }
    return piece;
  }

  private conditional(index: number, sign: string): FormatPiece | null {
    const plain = { kind: 'group', index, change: null } as const;
    const first = this.until(sign === '?' ? ':' : '}');
    if (first === null) {
      return null;
    }
    switch (sign) {
      case '/':
        return { ...plain, change: isChange(first) ? first : null };
      case '+':
        return { ...plain, then: first };
      case '?': {
        const second = this.until('}');
        return second === null ? null : { ...plain, then: first, otherwise: second };
      }
      default:
        return { ...plain, otherwise: first };
    }
  }

  /** The text up to a character, which is passed; a backslash before that character is taken away. */
  private until(end: string): string | null {
    let text = '';
    const limit = this.at + PART;
    while (this.at < this.body.length && this.at < limit) {
      const char = this.body[this.at++];
      if (char === end) {
        return text;
      }
      text += char;
      if (char === '\\' && this.at < this.body.length) {
        const next = this.body[this.at++];
        text = next === end ? text.slice(0, -1) + next : text + next;
      }
    }
    return null;
  }

  private match(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.at;
    const match = pattern.exec(this.body);
    if (match) {
      this.at = pattern.lastIndex;
    }
    return match;
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
