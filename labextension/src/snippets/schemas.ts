// Generated from the shapes of orrery_server/snippets by "jlpm schemas"; change those and run it again.

export type Scope = 'mine' | 'project' | 'everyone';
export type Syntax = 'plain' | 'vscode';
export type CellKind = 'code' | 'markdown' | 'raw';
export type Sort = 'relevance' | 'name' | 'updated' | 'used' | 'position';
export type ExportFormat = 'code-snippets' | 'elyra';

/** All of a snippet that has versions, as it was saved: what an older rule for names allowed stays readable. */
export interface SnippetContent {
  name: string;
  description: string;
  language: string;
  /** Further languages in whose editors it is offered. */
  other_languages: readonly string[];
  tags: readonly string[];
  /** Typing one of them in an editor offers the snippet as a completion; the first is shown. */
  prefixes: readonly string[];
  /** With `vscode`, `$1`, `${1:x}`, `${1|a,b|}` and `$SELECTION` have the meaning that they have in a VS Code snippet body. */
  syntax: Syntax;
  cells: readonly SnippetCell[];
}

/** A snippet to create or to put in the place of an older version. */
export interface SnippetIn {
  name: string;
  description?: string;
  language?: string;
  /** Further languages in whose editors it is offered. */
  other_languages?: readonly string[];
  tags?: readonly string[];
  /** Typing one of them in an editor offers the snippet as a completion; the first is shown. */
  prefixes?: readonly string[];
  /** With `vscode`, `$1`, `${1:x}`, `${1|a,b|}` and `$SELECTION` have the meaning that they have in a VS Code snippet body. */
  syntax?: Syntax;
  cells: readonly SnippetCell[];
  scope?: Scope;
  /** The project it belongs to; required with scope `project`. */
  project?: string | null;
  /** The version that was edited. Another one in the store means that somebody else saved meanwhile: a conflict. */
  base_version?: number | null;
  /** Save although the text holds what looks like a secret. */
  allow_secrets?: boolean;
}

/** One earlier or present state of a snippet. */
export interface SnippetVersion {
  version: number;
  saved: string;
  saved_by: string;
  content: SnippetContent;
}

/** What a person notes on a snippet for himself; a field that is not sent is left as it is. */
export interface Marks {
  favourite?: boolean | null;
  position?: number | null;
  /** True counts one more use, now. */
  used?: boolean;
  /** True: the present version has been seen. */
  seen?: boolean;
}

/** Every version of a snippet that is kept, newest first. */
export interface Versions {
  items: readonly SnippetVersion[];
}

/** Where something that looks like a secret stands; never the secret itself. */
export interface Finding {
  kind: string;
  cell: number;
  line: number;
  /** The line with the secret masked. */
  excerpt: string;
}

/** One cell of a snippet; a snippet of several keeps markdown and code apart. */
export interface SnippetCell {
  kind: CellKind;
  source: string;
}

/** A snippet as panels, magics and the command line get it. */
export interface Snippet {
  name: string;
  description: string;
  language: string;
  /** Further languages in whose editors it is offered. */
  other_languages: readonly string[];
  tags: readonly string[];
  /** Typing one of them in an editor offers the snippet as a completion; the first is shown. */
  prefixes: readonly string[];
  /** With `vscode`, `$1`, `${1:x}`, `${1|a,b|}` and `$SELECTION` have the meaning that they have in a VS Code snippet body. */
  syntax: Syntax;
  cells: readonly SnippetCell[];
  id: string;
  scope: Scope;
  project: string | null;
  version: number;
  created: string;
  created_by: string;
  updated: string;
  updated_by: string;
  writable: boolean;
  favourite: boolean;
  /** Place in the person's own order. */
  position: number | null;
  uses: number;
  used: string | null;
  /** The last version that the person has seen. */
  seen_version: number | null;
  /** The read-only library that it comes from. */
  library: string | null;
  /** Top-level modules that its Python cells import. */
  requires: readonly string[];
  /** Somebody else changed it since the person last looked. */
  unseen: boolean;
}

/** Which snippets, in which order, which page. */
export interface SnippetQuery {
  offset?: number;
  limit?: number;
  /** Words that must all occur, in any form or by a synonym; stop words do not count. Where none has all of them, or only in its code, the nearest ones follow. */
  q?: string;
  /** The language of the place to insert at, which is first among what fits alike. */
  prefer?: string | null;
  /** Only snippets with a prefix that begins with one of these, in capitals or not. */
  beginning?: readonly string[];
  tag?: readonly string[];
  language?: string | null;
  scope?: ('mine' | 'project' | 'everyone' | 'library') | null;
  project?: string | null;
  favourite?: boolean;
  sort?: Sort;
}

/** A value that can be filtered by, and how many snippets have it. */
export interface Facet {
  value: string;
  count: number;
}

/** What there is to filter by, over everything the person may see. */
export interface Facets {
  tags: readonly Facet[];
  languages: readonly Facet[];
  scopes: readonly Facet[];
  projects: readonly Facet[];
}

/** Something about the list itself that the person should know. */
export interface Notice {
  level: 'info' | 'warning';
  message: string;
  remedy: string;
  /** Whether it ends by itself, when what is out of reach is back. */
  outage: boolean;
}

/** One page of snippets with what the panel shows around it. */
export interface SnippetPage {
  items: readonly Snippet[];
  /** How many there are in all, over every page. */
  total: number;
  offset: number;
  limit: number;
  facets: Facets;
  notices: readonly Notice[];
  /** How many have all the words; those behind them have most of the words. */
  exact_count: number;
  /** Whether the person may share snippets with everyone. */
  may_publish: boolean;
}

/** Cells to look through for secrets before they are saved. */
export interface ScanIn {
  cells: readonly SnippetCell[];
}

/** What looks like a secret in them. */
export interface Scan {
  findings: readonly Finding[];
}

/** A file to import, or one that an export made. */
export interface SnippetFile {
  name: string;
  content: string;
}

/** Files of VS Code, Elyra or `jupyterlab-code-snippets`, told apart by their content, and scripts. */
export interface ImportIn {
  files: readonly SnippetFile[];
  scope?: Scope;
  project?: string | null;
  on_duplicate?: 'skip' | 'copy' | 'replace';
  allow_secrets?: boolean;
}

/** A file or a snippet in it that was not imported, and why. */
export interface ImportProblem {
  file: string;
  name: string;
  /** Where in the file. */
  line: number | null;
  reason: string;
}

/** A snippet that an import made. */
export interface ImportedSnippet {
  id: string;
  name: string;
}

/** What an import made, left alone and could not read. */
export interface ImportReport {
  created: readonly ImportedSnippet[];
  replaced: readonly ImportedSnippet[];
  skipped: readonly ImportProblem[];
  failed: readonly ImportProblem[];
  /** What was changed in a snippet so that it could be imported. */
  notes: readonly ImportProblem[];
}

/** An import that runs or has ended; it goes on when nobody looks. */
export interface ImportJob {
  id: string;
  state: 'running' | 'cancelled' | 'done' | 'failed' | 'undoing' | 'undone';
  started: string;
  /** How many snippets were dealt with. */
  done: number;
  /** How many there are; 0 while files are read. */
  total: number;
  /** What came of it; none while it runs. */
  report: ImportReport | null;
  /** What an undo left as it is, and why. */
  undo: readonly ImportProblem[];
  /** What stopped it before its end. */
  error: string;
}

/** Which page of the imports. */
export interface ImportQuery {
  offset?: number;
  limit?: number;
}

/** Several snippets. */
export interface IdsIn {
  ids: readonly string[];
}

/** A snippet with which something could not be done, and why. */
export interface IdProblem {
  id: string;
  reason: string;
}

/** With which snippets something was done, and with which not. */
export interface ManyReport {
  ids: readonly string[];
  failed: readonly IdProblem[];
}

/** Which snippets to write, and as what; no id means all that the person may see. */
export interface ExportQuery {
  id?: readonly string[];
  format?: ExportFormat;
}

/** The files of an export. */
export interface Export {
  files: readonly SnippetFile[];
}

/** A Git repository whose snippet files become a read-only library. */
export interface LibraryIn {
  name: string;
  url: string;
  /** Branch or tag. */
  ref?: string | null;
  /** Only files below this folder. */
  folder?: string;
}

/** Which page of the libraries. */
export interface LibraryQuery {
  offset?: number;
  limit?: number;
}

/** A read-only library and how it is. */
export interface Library {
  name: string;
  kind: 'bundled' | 'git';
  url: string;
  ref: string | null;
  folder: string;
  state: 'ready' | 'refreshing' | 'failed' | 'never';
  commit: string | null;
  refreshed: string | null;
  count: number;
  error: string;
  /** What of its files could not be read, or was changed, and why. */
  problems: readonly ImportProblem[];
}
