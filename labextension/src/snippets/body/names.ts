/**
 * The variables that a body may use.
 */

/** What a variable stands for: its text, or several texts of which the person chooses one. */
export type Value = string | readonly string[];

/** The value of a variable; undefined when it is not set. The body may have a default for that. */
export type Resolve = (name: string, hasDefault: boolean) => Value | undefined;

/** Every variable that has a meaning, whether it is set or not. */
export const VARIABLES: ReadonlySet<string> = new Set([
  'BLOCK_COMMENT_END',
  'BLOCK_COMMENT_START',
  'CLIPBOARD',
  'CURRENT_DATE',
  'CURRENT_DAY_NAME',
  'CURRENT_DAY_NAME_SHORT',
  'CURRENT_HOUR',
  'CURRENT_MINUTE',
  'CURRENT_MONTH',
  'CURRENT_MONTH_NAME',
  'CURRENT_MONTH_NAME_SHORT',
  'CURRENT_SECOND',
  'CURRENT_SECONDS_UNIX',
  'CURRENT_TIMEZONE_OFFSET',
  'CURRENT_YEAR',
  'CURRENT_YEAR_SHORT',
  'CURSOR_INDEX',
  'CURSOR_NUMBER',
  'DATAFRAME',
  'DATASET',
  'LAKE',
  'LINE_COMMENT',
  'MLFLOW_TRACKING_URI',
  'PROJECT',
  'RANDOM',
  'RANDOM_HEX',
  'RELATIVE_FILEPATH',
  'SELECTION',
  'TM_CURRENT_LINE',
  'TM_CURRENT_WORD',
  'TM_DIRECTORY',
  'TM_FILENAME',
  'TM_FILENAME_BASE',
  'TM_FILEPATH',
  'TM_LINE_INDEX',
  'TM_LINE_NUMBER',
  'TM_SELECTED_TEXT',
  'USER',
  'UUID',
  'WORKSPACE_FOLDER',
  'WORKSPACE_NAME'
]);

/** The variables whose later lines take the indent of the line that they stand in. */
export const INDENTED: ReadonlySet<string> = new Set(['SELECTION', 'TM_SELECTED_TEXT']);
