/**
 * What the variables of a snippet body stand for at a place in the lab.
 */
import { PathExt } from '@jupyterlab/coreutils';
import { UUID } from '@lumino/coreutils';

import { withoutDrive } from '../../base/insert/target';
import type { Resolve, Value } from '../body/expand';
import type { ILake } from './lake';

/** What Orrery knows beyond the editor: the panel gives it. */
export interface IWorld {
  /** Slug of the current project. */
  project?: string;
  /** The current project's lake: a URL, or a path in the lab's file browser. */
  lake?: string;
  user?: string;
  mlflowTrackingUri?: string;
  /** Finds out where the lake is and what lies in it; asked only for bodies that use it. */
  findLake?: () => Promise<ILake>;
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
  /** Names of the tables in the current project's lake; only filled when the body asks for it. */
  datasets?: readonly string[];
  now?: Date;
}

/** The values of the variables at a place; a date is the same in all of them. */
export function resolver(place: ISurroundings): Resolve {
  const values = { ...textValues(place), ...dateValues(place.now ?? new Date()) };
  const known = new Map<string, Value | (() => Value)>(Object.entries(values));
  return (name, hasDefault) => {
    if (name === 'DATAFRAME') {
      const frames = place.dataframes ?? [];
      return frames.length > 0 || hasDefault ? frames : 'df';
    }
    if (name === 'DATASET') {
      const datasets = place.datasets ?? [];
      return datasets.length > 0 || hasDefault ? datasets : 'data';
    }
    const value = known.get(name);
    return typeof value === 'function' ? value() : value;
  };
}

function textValues(place: ISurroundings): Record<string, Value | (() => Value)> {
  const path = withoutDrive(place.path);
  const name = PathExt.basename(path);
  const folder = PathExt.dirname(path);
  const [lineComment, blockStart, blockEnd] = commentsOf(place.language);
  return {
    BLOCK_COMMENT_END: blockEnd,
    BLOCK_COMMENT_START: blockStart,
    CLIPBOARD: place.clipboard ?? '',
    CURSOR_INDEX: '0',
    CURSOR_NUMBER: '1',
    LAKE: lakeFrom(place.world.lake ?? '', folder),
    LINE_COMMENT: lineComment,
    MLFLOW_TRACKING_URI: place.world.mlflowTrackingUri ?? '',
    PROJECT: place.world.project ?? '',
    RANDOM: () => random(10),
    RANDOM_HEX: () => random(16),
    RELATIVE_FILEPATH: name,
    SELECTION: place.selection,
    TM_CURRENT_LINE: place.line,
    TM_CURRENT_WORD: place.word,
    TM_DIRECTORY: '.',
    TM_FILENAME: name,
    TM_FILENAME_BASE: name.replace(/(.)\.[^.]*$/, '$1'),
    TM_FILEPATH: name,
    TM_LINE_INDEX: String(place.lineIndex),
    TM_LINE_NUMBER: String(place.lineIndex + 1),
    TM_SELECTED_TEXT: place.selection,
    USER: place.world.user ?? '',
    UUID: () => UUID.uuid4(),
    WORKSPACE_FOLDER: '.',
    WORKSPACE_NAME: PathExt.basename(folder) || (place.world.project ?? '')
  };
}

/** The lake as code in a folder reaches it: by its URL, or by a path from there. */
function lakeFrom(lake: string, folder: string): string {
  return lake.includes('://') || !lake ? lake : relative(folder, lake) || '.';
}

/** The way from one folder of the file browser to another. */
function relative(from: string, to: string): string {
  const [start, end] = [from, to].map(path => path.split('/').filter(Boolean));
  let common = 0;
  while (common < start.length && start[common] === end[common]) {
    common += 1;
  }
  const up = start.slice(common).map(() => '..');
  return [...up, ...end.slice(common)].join('/');
}

function random(base: 10 | 16): string {
  const [number] = crypto.getRandomValues(new Uint32Array(1));
  return number.toString(base).slice(-6).padStart(6, '0');
}

const MONTHS = [
  ...['January', 'February', 'March', 'April', 'May', 'June', 'July', 'August'],
  ...['September', 'October', 'November', 'December']
];
const DAYS = [
  'Sunday',
  'Monday',
  'Tuesday',
  'Wednesday',
  'Thursday',
  'Friday',
  'Saturday'
];

function dateValues(now: Date): Record<string, string> {
  const two = (value: number) => String(value).padStart(2, '0');
  const offset = -now.getTimezoneOffset();
  const sign = offset < 0 ? '-' : '+';
  const minutes = Math.abs(offset);
  return {
    CURRENT_DATE: two(now.getDate()),
    CURRENT_DAY_NAME: DAYS[now.getDay()],
    CURRENT_DAY_NAME_SHORT: DAYS[now.getDay()].slice(0, 3),
    CURRENT_HOUR: two(now.getHours()),
    CURRENT_MINUTE: two(now.getMinutes()),
    CURRENT_MONTH: two(now.getMonth() + 1),
    CURRENT_MONTH_NAME: MONTHS[now.getMonth()],
    CURRENT_MONTH_NAME_SHORT: MONTHS[now.getMonth()].slice(0, 3),
    CURRENT_SECOND: two(now.getSeconds()),
    CURRENT_SECONDS_UNIX: String(Math.floor(now.getTime() / 1000)),
    CURRENT_TIMEZONE_OFFSET: `${sign}${two(Math.floor(minutes / 60))}:${two(minutes % 60)}`,
    CURRENT_YEAR: String(now.getFullYear()),
    CURRENT_YEAR_SHORT: String(now.getFullYear()).slice(-2)
  };
}

type Comments = readonly [line: string, blockStart: string, blockEnd: string];

const HASH: Comments = ['#', '', ''];
const SLASHES: Comments = ['//', '/*', '*/'];
const MARKUP: Comments = ['', '<!--', '-->'];
const DASHES: Comments = ['--', '/*', '*/'];

const COMMENTS: ReadonlyMap<string, Comments> = new Map(
  Object.entries({
    bash: HASH,
    c: SLASHES,
    'c++': SLASHES,
    cpp: SLASHES,
    csharp: SLASHES,
    css: ['', '/*', '*/'],
    dockerfile: HASH,
    go: SLASHES,
    html: MARKUP,
    java: SLASHES,
    javascript: SLASHES,
    json: SLASHES,
    julia: ['#', '#=', '=#'],
    kotlin: SLASHES,
    latex: ['%', '', ''],
    lua: ['--', '--[[', ']]'],
    markdown: MARKUP,
    matlab: ['%', '%{', '%}'],
    octave: ['%', '%{', '%}'],
    perl: HASH,
    powershell: ['#', '<#', '#>'],
    python: ['#', '"""', '"""'],
    r: HASH,
    ruby: ['#', '=begin', '=end'],
    rust: SLASHES,
    scala: SLASHES,
    shell: HASH,
    sql: DASHES,
    stata: ['*', '/*', '*/'],
    toml: HASH,
    typescript: SLASHES,
    xml: MARKUP,
    yaml: HASH
  } satisfies Record<string, Comments>)
);

/** How a language marks comments: a line, and begin and end of a block; empty where it has none. */
export function commentsOf(language: string): Comments {
  return COMMENTS.get(language.toLowerCase()) ?? HASH;
}
