/** What a variable stands for: its text, or several texts of which the person chooses one. */
export type Value = string | readonly string[];

/** The value of a variable; undefined when it is not set. */
export type Resolve = (name: string) => Value | undefined;

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

/** The body in the syntax of VS Code, expanded. Never throws: what is malformed is text. */
export declare function expand(body: string, resolve: Resolve): IExpansion;

/** The names of the variables that a body uses. */
export declare function variablesOf(body: string): ReadonlySet<string>;

/** The body that stands for a text and means nothing else. */
export declare function escapeBody(text: string): string;
