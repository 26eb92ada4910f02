/**
 * The vocabulary of a profile, as a person reads it.
 */
import type { TranslationBundle } from '@jupyterlab/translation';

import type {
  Alert,
  Association,
  Check,
  ColumnType,
  Drift,
  Level,
  Options,
  Run,
  Stage
} from '../schemas';

type Names<T extends string> = Readonly<Record<T, string>>;

/** What a person reads for every name on the wire. */
export interface ILabels {
  readonly types: Names<ColumnType>;
  readonly stages: Names<Stage>;
  readonly levels: Names<Level>;
  readonly alerts: Names<Alert['code']>;
  readonly measures: Names<Association['measure']>;
  readonly drifts: Names<Drift['measure']>;
  readonly changes: Names<Drift['change']>;
  readonly checks: Names<Check['code']>;
  readonly nulls: Names<Options['nulls']>;
  readonly tasks: Names<Run['task']>;
  readonly looks: Readonly<Record<string, string>>;
  readonly weekdays: readonly string[];
}

/** The names in the lab's language. */
export function labelsOf(trans: TranslationBundle): ILabels {
  return {
    types: typeNames(trans),
    stages: stageNames(trans),
    levels: levelNames(trans),
    alerts: alertNames(trans),
    measures: measureNames(trans),
    drifts: driftNames(trans),
    changes: changeNames(trans),
    checks: checkNames(trans),
    nulls: nullsNames(trans),
    tasks: taskNames(trans),
    looks: patternNames(trans),
    weekdays: weekdayNames(trans)
  };
}

function typeNames(trans: TranslationBundle): Names<ColumnType> {
  return {
    boolean: trans.__('Boolean'),
    integer: trans.__('Integer'),
    float: trans.__('Number'),
    decimal: trans.__('Decimal'),
    text: trans.__('Text'),
    category: trans.__('Category'),
    datetime: trans.__('Date and time'),
    date: trans.__('Date'),
    time: trans.__('Time of day'),
    duration: trans.__('Duration'),
    binary: trans.__('Binary'),
    nested: trans.__('Nested'),
    null: trans.__('Nothing'),
    mixed: trans.__('Mixed')
  };
}

function stageNames(trans: TranslationBundle): Names<Stage> {
  return {
    reading: trans.__('Reading the source'),
    summary: trans.__('Summary of each column'),
    relations: trans.__('Relations between columns'),
    checks: trans.__('Checking'),
    report: trans.__('Writing the full report'),
    finished: trans.__('Finished')
  };
}

function levelNames(trans: TranslationBundle): Names<Level> {
  return {
    serious: trans.__('Serious'),
    warning: trans.__('Warning'),
    info: trans.__('Note')
  };
}

function alertNames(trans: TranslationBundle): Names<Alert['code']> {
  return {
    missing: trans.__('Missing'),
    all_missing: trans.__('All missing'),
    constant: trans.__('Constant'),
    high_cardinality: trans.__('Many values'),
    unique: trans.__('Unique'),
    skewed: trans.__('Skewed'),
    zeros: trans.__('Zeros'),
    infinite: trans.__('Infinite'),
    outliers: trans.__('Outliers'),
    imbalance: trans.__('Imbalance'),
    duplicates: trans.__('Duplicates'),
    correlated: trans.__('Correlated'),
    mixed_types: trans.__('Mixed types'),
    leakage: trans.__('Leakage'),
    train_test_skew: trans.__('Train/test skew'),
    personal_data: trans.__('Personal data'),
    join_key: trans.__('Join key'),
    blank: trans.__('Blank'),
    placeholder: trans.__('Placeholder'),
    spelling: trans.__('Spelling'),
    unread: trans.__('Not read'),
    empty: trans.__('Empty'),
    drift: trans.__('Drift'),
    row_count: trans.__('Row count'),
    schema_change: trans.__('Schema change')
  };
}

function measureNames(trans: TranslationBundle): Names<Association['measure']> {
  return {
    pearson: trans.__('Pearson'),
    spearman: trans.__('Spearman'),
    cramers_v: trans.__("Cramér's V"),
    correlation_ratio: trans.__('Correlation ratio')
  };
}

function driftNames(trans: TranslationBundle): Names<Drift['measure']> {
  return {
    population_stability: trans.__('Population stability index'),
    jensen_shannon: trans.__('Jensen-Shannon distance'),
    none: trans.__('Not measured')
  };
}

function changeNames(trans: TranslationBundle): Names<Drift['change']> {
  return {
    same: trans.__('Same'),
    drifted: trans.__('Drifted'),
    added: trans.__('Added'),
    removed: trans.__('Removed'),
    type: trans.__('Other type'),
    unread: trans.__('Not read')
  };
}

function checkNames(trans: TranslationBundle): Names<Check['code']> {
  return {
    column_exists: trans.__('Exists'),
    type: trans.__('Has the type'),
    not_null: trans.__('Not missing'),
    unique: trans.__('Unique'),
    between: trans.__('Between'),
    in_set: trans.__('One of'),
    matches: trans.__('Matches'),
    length_between: trans.__('Length between'),
    row_count_between: trans.__('Rows between'),
    no_duplicates: trans.__('No duplicate rows')
  };
}

function nullsNames(trans: TranslationBundle): Names<Options['nulls']> {
  return {
    skip: trans.__('skipped'),
    mean: trans.__('replaced by the mean'),
    mode: trans.__('replaced by the most frequent value'),
    interpolate: trans.__('interpolated')
  };
}

/** The names of the tasks. */
export function taskNames(trans: TranslationBundle): Names<Run['task']> {
  return {
    profile: trans.__('Profile'),
    comparison: trans.__('Comparison'),
    checks: trans.__('Checks'),
    report: trans.__('Full report')
  };
}

function patternNames(trans: TranslationBundle): Readonly<Record<string, string>> {
  return {
    email: trans.__('e-mail addresses'),
    url: trans.__('web addresses'),
    uuid: trans.__('UUIDs'),
    ip_address: trans.__('IP addresses'),
    phone: trans.__('telephone numbers'),
    credit_card: trans.__('credit card numbers'),
    iban: trans.__('IBANs'),
    ssn: trans.__('social security numbers'),
    mac_address: trans.__('hardware addresses'),
    duration: trans.__('durations'),
    version: trans.__('version numbers'),
    postcode: trans.__('postcodes'),
    person_name: trans.__('names of people'),
    json: trans.__('JSON'),
    date: trans.__('dates'),
    number: trans.__('numbers')
  };
}

function weekdayNames(trans: TranslationBundle): readonly string[] {
  return [
    trans.__('Monday'),
    trans.__('Tuesday'),
    trans.__('Wednesday'),
    trans.__('Thursday'),
    trans.__('Friday'),
    trans.__('Saturday'),
    trans.__('Sunday')
  ];
}
