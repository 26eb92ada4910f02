// Generated from the shapes of orrery_server/eda by "jlpm schemas"; change those and run it again.
import type { ColumnType, ReaderOptions } from '../base/shared/schemas';

export type { ColumnType, ReaderOptions };

export type Stage =
  'reading' | 'summary' | 'relations' | 'checks' | 'report' | 'finished';
export type ChecksFormat = 'pandera' | 'sql' | 'great_expectations' | 'json';
export type Dialect = 'pandas' | 'polars' | 'pyarrow' | 'duckdb' | 'spark' | 'sql';
export type Statistic =
  | 'missing'
  | 'distinct'
  | 'mean'
  | 'std'
  | 'min'
  | 'max'
  | 'quantiles'
  | 'histogram'
  | 'top'
  | 'outliers'
  | 'skewness'
  | 'duplicates'
  | 'associations';
export type AlertCode =
  | 'missing'
  | 'all_missing'
  | 'constant'
  | 'high_cardinality'
  | 'unique'
  | 'skewed'
  | 'zeros'
  | 'infinite'
  | 'outliers'
  | 'imbalance'
  | 'duplicates'
  | 'correlated'
  | 'mixed_types'
  | 'leakage'
  | 'train_test_skew'
  | 'personal_data'
  | 'join_key'
  | 'blank'
  | 'placeholder'
  | 'spelling'
  | 'unread'
  | 'empty'
  | 'drift'
  | 'row_count'
  | 'schema_change';
export type DriftMeasure = 'population_stability' | 'jensen_shannon' | 'none';
export type Level = 'info' | 'warning' | 'serious';
export type Measure = 'pearson' | 'spearman' | 'cramers_v' | 'correlation_ratio';
export type CheckCode =
  | 'column_exists'
  | 'type'
  | 'not_null'
  | 'unique'
  | 'between'
  | 'in_set'
  | 'matches'
  | 'length_between'
  | 'row_count_between'
  | 'no_duplicates';
export type Nulls = 'skip' | 'mean' | 'mode' | 'interpolate';
export type Section =
  'preliminary' | 'univariate' | 'bivariate' | 'multivariate' | 'text';
export type SourceKind = 'file' | 'frame' | 'lake' | 'table' | 'url';
export type State = 'queued' | 'running' | 'done' | 'cancelled' | 'failed';
export type Task = 'profile' | 'comparison' | 'checks' | 'report';
export type ReportFormat = 'html' | 'json' | 'markdown';

/** A value below which a share of the values lies. */
export interface Quantile {
  share: number;
  value: string | number | boolean | null;
}

/** A frequent value. */
export interface Top {
  value: string | number | boolean | null;
  count: number;
}

/** A value that is written in several ways. */
export interface Spelling {
  /** Its most frequent spelling, without white space to spare. */
  value: string;
  /** Rows that are written so. */
  count: number;
  /** The other spellings, the most frequent first. */
  variants: readonly Top[];
}

/** Equal bins; a value on an edge belongs to the bin on its right, the last edge to the last bin. */
export interface Histogram {
  /** One more than counts; seconds since 1970 for times. */
  edges: readonly number[];
  counts: readonly number[];
  /** Every bin is of as many whole numbers, and its edges lie half a step beside them. */
  whole: boolean;
}

/** How the numbers of a column of texts are written. */
export interface NumberForm {
  decimal: '.' | ',';
  thousands: '' | ',' | '.' | ' ' | "'" | '_';
  /** What stands before or behind them and is dropped. */
  unit: string;
  /** (5) is minus five. */
  parentheses: boolean;
  /** Texts of each way to write, then some that are no numbers. */
  examples: readonly string[];
}

/** How the texts of a column look. */
export interface TextProfile {
  shortest: number;
  longest: number;
  mean_length: number;
  lengths: Histogram | null;
  /** Empty, or nothing but white space. */
  blank: number;
  /** Texts that begin or end with white space and are not blank. */
  padded: number;
  mean_words: number;
  /** The most frequent words. */
  words: readonly Top[];
  /** The most frequent forms: A a letter in capitals, a a small one, 9 a digit. */
  patterns: readonly Top[];
  /** email, url, uuid, mac_address, ip_address, phone, credit_card, iban, ssn, postcode, person_name, json, date, duration, version, number, or nothing. */
  looks_like: string;
  /** Of the texts that are not blank; of all rows unless estimated. */
  looks_like_share: number;
  /** Forms of personal data, as in `looks_like`, and the texts that have them; e-mail addresses and payment cards are counted inside longer texts, too. */
  personal: readonly Top[];
  /** `personal` is of a sample of the rows, scaled up. */
  personal_estimated: boolean;
  /** Words, forms and shares are of a sample of the rows; counts are scaled up. */
  estimated: boolean;
  /** How its numbers are written, if it looks like numbers. */
  number: NumberForm | null;
  /** How its dates are written, as `strptime` names it, if it looks like dates; empty: ISO 8601. */
  date_form: string;
}

/** How the times of a column lie. */
export interface TimeProfile {
  /** second, minute, hour, day, month, or year. */
  granularity: string;
  zone: string;
  /** Median distance in seconds. */
  typical_step: number | null;
  /** Distances of over three typical ones. */
  gaps: number;
  /** Seconds. */
  largest_gap: number | null;
  /** Rows from Monday to Sunday. */
  weekdays: readonly number[];
  /** Rows of each hour of the day. */
  hours: readonly number[];
  future: number;
}

/** Values beyond Tukey's fences, 1.5 interquartile ranges from the quartiles. */
export interface Outliers {
  low: number;
  high: number;
  fence_low: number;
  fence_high: number;
}

/** The profile of one column; a stage that has not run yet leaves its fields at their defaults. */
export interface ColumnProfile {
  /** Its place; names may occur twice. */
  index: number;
  name: string;
  type: ColumnType;
  /** The source's own word for its type. */
  dtype: string;
  stage: Stage;
  /** Rows looked at. */
  count: number;
  /** Nulls and not-a-numbers. */
  missing: number;
  /** Not-a-numbers among the missing. */
  nan: number;
  infinite: number;
  /** Different values, without missing. */
  distinct: number | null;
  /** Relative standard error; 0 is an exact count. */
  distinct_error: number;
  /** Values that occur once. */
  singles: number | null;
  zeros: number;
  /** Values below zero, minus infinity among them. */
  negatives: number;
  trues: number | null;
  minimum: string | number | boolean | null;
  maximum: string | number | boolean | null;
  total: number | null;
  /** Of the finite values, as all that follow. */
  mean: number | null;
  /** Sample standard deviation, divisor n - 1. */
  std: number | null;
  /** Adjusted Fisher-Pearson, as pandas. */
  skewness: number | null;
  /** Excess, adjusted, as pandas. */
  kurtosis: number | null;
  /** Linear between neighbours, as pandas. */
  quantiles: readonly Quantile[];
  /** In rank; 0 is exact. */
  quantile_error: number;
  histogram: Histogram | null;
  top: readonly Top[];
  /** Values that likely stand for a missing one: -999, 1900-01-01, Unknown. */
  placeholders: readonly Top[];
  /** Values that are written in several ways; 200 at most. */
  spellings: readonly Spelling[];
  monotonic: '' | 'increasing' | 'decreasing';
  outliers: Outliers | null;
  text: TextProfile | null;
  time: TimeProfile | null;
  /** With the target, 0 to 1. */
  association: number | null;
  /** Its values could not be read or summarised; `note` says why. */
  unread: boolean;
  /** Why something is not told. */
  note: string;
}

/** What to write code for. */
export interface CodeIn {
  what: 'load' | 'column' | 'value' | 'statistic' | 'fix';
  column?: number | null;
  value?: string | number | boolean | null;
  statistic?: Statistic | null;
  /** `fix`: the alert's id. */
  alert?: string;
  /** `fix`: which of its quick fixes, from 0. */
  fix?: number;
  dialect?: Dialect;
  /** The variable that holds the table. */
  frame?: string;
  /** The notebook's folder below the lab's root; files are named by their way from there. */
  folder?: string | null;
}

/** Code for a cell. */
export interface Code {
  code: string;
}

/** A report to keep, or to show in a frame that may not run scripts of ours. */
export interface Report {
  /** A file name for it. */
  name: string;
  /** Its media type. */
  type: string;
  content: string;
  /** It needs scripts of its own: the full report does. */
  scripts: boolean;
}

/** Checks, and the same as code or a file. */
export interface Checks {
  suite: Suite;
  format: ChecksFormat;
  name: string;
  content: string;
}

/** Checks that belong together. */
export interface Suite {
  name: string;
  checks: readonly Check[];
}

/** How much two columns tell of each other. */
export interface Association {
  a: number;
  b: number;
  measure: Measure;
  value: number;
  rows: number;
}

/** Columns that are missing together, and in how many rows exactly these are. */
export interface MissingPattern {
  columns: readonly number[];
  rows: number;
}

/** Rows that repeat an earlier one. */
export interface Duplicates {
  rows: number;
  examples: readonly (readonly (string | number | boolean | null)[])[];
  /** Relative standard error; 0 is an exact count. */
  error: number;
}

/** A part of the rows, and the target there. */
export interface Group {
  label: string;
  rows: number;
  /** Of the target's rarest or true value. */
  share: number | null;
  /** Of a numeric target. */
  mean: number | null;
}

/** How the target moves with a column. */
export interface TargetEffect {
  column: number;
  measure: Measure;
  value: number;
  groups: readonly Group[];
}

/**
 * Two numeric columns against each other, counted in a grid; row by row from the lowest y.
 *
 * Edges of times are seconds since 1970, those of durations seconds.
 */
export interface Scatter {
  a: number;
  b: number;
  x_edges: readonly number[];
  y_edges: readonly number[];
  counts: readonly (readonly number[])[];
}

/** Something that the person should know before he uses the data. */
export interface Alert {
  /** `<code>:<index>[-<index>]`, or `<code>:<level>` of many columns that share an alert; the same in every run on the same data. */
  id: string;
  code: AlertCode;
  level: Level;
  columns: readonly number[];
  names: readonly string[];
  message: string;
  evidence: string;
  /** What it is ranked by, mostly a share. */
  value: number | null;
  /** Labels of its quick fixes, the best first. */
  fixes: readonly string[];
}

/** The table as a whole, without its columns. */
export interface Overview {
  rows: number | null;
  columns: number;
  /** In memory or on disk, as the source counts. */
  bytes: number | null;
  missing: number | null;
  duplicates: Duplicates | null;
  sampling: Sampling | null;
  /** The first rows. */
  head: readonly (readonly (string | number | boolean | null)[])[];
  /** The columns of `head`. */
  names: readonly string[];
  associations: readonly Association[];
  scatters: readonly Scatter[];
  patterns: readonly MissingPattern[];
  target: number | null;
  effects: readonly TargetEffect[];
  alerts: readonly Alert[];
  /** What was assumed or left out in reading, and why. */
  notes: readonly string[];
  /** How the source was read, chosen or found out; files of text and sheets only. */
  reading: ReaderOptions | null;
  /** Excel: the sheet that was read. */
  sheet: string;
}

/** That only a part was looked at, and what that means. */
export interface Sampling {
  /** Rows looked at. */
  rows: number;
  /** Rows in all; unknown if none. */
  of: number | null;
  why: string;
  /** 95 % margin of a share of one half, as a share: 0.01 is one point. */
  margin: number;
}

/** What became of a column from the reference to the source. */
export interface Drift {
  name: string;
  /** `unread`: one side could not be read, so whether it changed is not known. */
  change: 'same' | 'drifted' | 'added' | 'removed' | 'type' | 'unread';
  level: Level;
  type_before: ColumnType | null;
  type_after: ColumnType | null;
  measure: DriftMeasure;
  value: number | null;
  missing_before: number | null;
  missing_after: number | null;
  mean_before: number | null;
  mean_after: number | null;
  distinct_before: number | null;
  distinct_after: number | null;
  /** Of both histograms. */
  edges: readonly number[];
  /** As for a histogram. */
  whole: boolean;
  /** Of both counts, if not numbers. */
  labels: readonly string[];
  before: readonly number[];
  after: readonly number[];
  /** Some values that were not there before. */
  fresh: readonly string[];
  note: string;
}

/** Two tables side by side; `before` is the reference. */
export interface Comparison {
  rows_before: number | null;
  rows_after: number | null;
  drifts: readonly Drift[];
  /** Rows of the source that are in the reference as they are. */
  shared_rows: number | null;
  alerts: readonly Alert[];
}

/** What became of a check. */
export interface CheckResult {
  check: Check;
  passed: boolean;
  /** Rows that break it. */
  broken: number;
  rows: number;
  examples: readonly (string | number | boolean | null)[];
  message: string;
}

/** One promise that data can keep or break. */
export interface Check {
  code: CheckCode;
  column: string | null;
  type: ColumnType | null;
  minimum: string | number | boolean | null;
  maximum: string | number | boolean | null;
  values: readonly (string | number | boolean | null)[];
  pattern: string;
  /** The share of rows that may break it. */
  allowed: number;
  /** What the profile showed. */
  why: string;
}

/** What became of a suite. */
export interface CheckResults {
  name: string;
  rows: number | null;
  results: readonly CheckResult[];
}

/** What a run has found, so far; columns come in pages. */
export interface Result {
  run: Run;
  overview: Overview | null;
  comparison: Comparison | null;
  checks: CheckResults | null;
}

/** A run and how it is; its result is asked for by itself. */
export interface Run {
  id: string;
  task: Task;
  source: SourceIn;
  against: SourceIn | null;
  options: Options;
  parent: string | null;
  newer: string | null;
  project: string;
  by: string;
  state: State;
  stage: Stage;
  progress: number;
  /** Grows whenever there is more to see. */
  revision: number;
  /** How many are before it in the queue. */
  waiting: number;
  created: string;
  finished: string | null;
  rows: number | null;
  columns: number | null;
  alerts: number;
  /** `checks`: how many were broken. */
  failing: number | null;
  /** What is kept of it on disk. */
  bytes: number;
  /** The worker's largest resident memory in bytes. */
  peak: number;
  timings: readonly Timing[];
  sampling: Sampling | null;
  error: Failure | null;
}

/** What to profile. */
export interface SourceIn {
  kind: SourceKind;
  /** `file`: a path below the folder that the lab shows. `lake`: a path in the project's lake. `url`: an object-store address, a prefix or a glob. `table`: an SQLAlchemy address whose secrets are `${NAME}` of the environment. `frame`: the id of a handover. */
  location: string;
  /** `table`: its name, with its schema. */
  table: string;
  /** Excel: the sheet; the first if empty. */
  sheet: string;
  /** How a file of text or a sheet is read; without it, it is found out. */
  reading: ReaderOptions | null;
  /** What a person calls it. */
  name: string;
}

/** How to profile. */
export interface Options {
  sections: readonly Section[];
  /** What stands for a missing value in the relations between columns: nothing, the column's mean, its most frequent value, or a line between its neighbours. */
  nulls: Nulls;
  /** The column to be predicted. */
  target: string | null;
  /** Budget of time; sampled if it demands that. */
  seconds: number;
  /** Look at so many rows at random, however large the source. */
  sample: number | null;
  /** `report`: by Spark as the environment describes it, for tables no machine holds. */
  cluster: boolean;
}

/** Why a run did not end well: the body of an error. */
export interface Failure {
  code: string;
  message: string;
  reason: string;
  remedy: string;
}

/** A run to start. */
export interface RunIn {
  task?: Task;
  source: SourceIn;
  /** `comparison`: the older or reference side, as it is now; without it, what `parent` kept. */
  against?: SourceIn | null;
  /** `checks`: what to check. */
  suite?: Suite | null;
  /** The profile that a `report` or `checks` come from, or that a `comparison` compares with. */
  parent?: string | null;
  /** `comparison` with what `parent` kept: the profile whose kept values are the newer side; without it, `source` is read. */
  newer?: string | null;
  options?: Options;
}

/** How long a stage took. */
export interface Timing {
  stage: Stage;
  seconds: number;
}

/** Something that can be profiled, or was. */
export interface Source {
  kind: SourceKind;
  /** `file`: a path below the folder that the lab shows. `lake`: a path in the project's lake. `url`: an object-store address, a prefix or a glob. `table`: an SQLAlchemy address whose secrets are `${NAME}` of the environment. `frame`: the id of a handover. */
  location: string;
  /** `table`: its name, with its schema. */
  table: string;
  /** Excel: the sheet; the first if empty. */
  sheet: string;
  /** How a file of text or a sheet is read; without it, it is found out. */
  reading: ReaderOptions | null;
  /** What a person calls it. */
  name: string;
  /** Bytes. */
  size: number | null;
  changed: string | null;
  /** When it was profiled last. */
  profiled: string | null;
  /** Who profiled it last. */
  by: string;
  /** The newest run on it that is done. */
  run: string | null;
}

/** Which sources, which page. */
export interface SourceQuery {
  offset?: number;
  limit?: number;
  q?: string;
  kind?: SourceKind | null;
}

/** A table of a kernel that is about to be written to a file for the worker. */
export interface HandoverIn {
  /** The variable's name. */
  name: string;
  dialect?: Dialect;
  rows: number;
  /** About how large it is in memory. */
  bytes: number;
}

/** Where the kernel writes an Arrow IPC file; only the person's own processes can reach it. */
export interface Handover {
  id: string;
  path: string;
}

/** Which runs, newest first, which page. */
export interface RunQuery {
  offset?: number;
  limit?: number;
  q?: string;
  task?: Task | null;
  state?: State | null;
}

/** Wait for news of a run: answered when there is some, or when the time is over. */
export interface WatchQuery {
  /** The revision that is known. */
  after?: number;
  /** Seconds. */
  wait?: number;
  /** Leave out of the answer what has not changed since `after`. */
  lean?: boolean;
}

/** Which columns of a result, which page. */
export interface ColumnQuery {
  offset?: number;
  limit?: number;
  /** Part of the name. */
  q?: string;
  /** Only the columns at these places of the table. */
  index?: readonly number[];
  type?: ColumnType | null;
  /** Only columns with alerts. */
  alerts?: boolean;
  side?: 'source' | 'against';
  sort?: 'position' | 'name' | 'missing' | 'association';
}

/** A source to write loading code for, whether it was profiled or not. */
export interface LoadIn {
  source: SourceIn;
  dialect?: Dialect;
  /** The variable that is to hold the table. */
  frame?: string;
  /** The notebook's folder below the lab's root; files are named by their way from there. */
  folder?: string | null;
}

/** The format of a report, and whether it is brief. */
export interface ReportQuery {
  format?: ReportFormat;
  /** Only what fits into a notebook's output, without a style sheet. */
  brief?: boolean;
}

/** As what to write the checks that a profile suggests. */
export interface ChecksQuery {
  format?: ChecksFormat;
}

/** A suite to write as code. */
export interface RenderIn {
  suite: Suite;
  format?: ChecksFormat;
  table?: string;
  /** `sql`: whose words to use. */
  database?: 'duckdb' | 'sqlite' | 'postgresql';
}
