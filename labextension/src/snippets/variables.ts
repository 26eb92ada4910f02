import type { Resolve, Value } from './body';

/** What Orrery knows beyond the editor: the panel gives it. */
export interface IWorld {
  /** Slug of the current project. */
  project?: string;
  /** The current project's lake: a path or a URL. */
  lake?: string;
  user?: string;
  mlflowTrackingUri?: string;
}

/** The place at which a body is expanded. */
export interface ISurroundings {
  /** Path of the document in the lab's file browser. */
  path: string;
  /** Language of the text there, as in `Snippet.language`. */
  language: string;
  selection: string;
  line: string;
  word: string;
  /** From 0. */
  lineIndex: number;
  world: IWorld;
  /** Only filled when the body asks for it. */
  clipboard?: string;
  /** Names of the kernel's dataframes; only filled when the body asks for it. */
  dataframes?: readonly string[];
  now?: Date;
}

/** Every variable that has a meaning, whether it is set or not. */
export declare const VARIABLES: ReadonlySet<string>;

/** The values of the variables at a place. */
export declare function resolver(surroundings: ISurroundings): Resolve;

export type { Value };
