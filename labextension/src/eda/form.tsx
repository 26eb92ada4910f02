/**
 * How to profile, asked before a run.
 */
import type { TranslationBundle } from '@jupyterlab/translation';
import React, { useId, useState } from 'react';

import { Field, Select, TextField } from '../base/controls';
import { Invalid, NotFound } from '../base/errors';
import { askWithForm, FormBody } from '../base/formdialog';
import type { IFormResult } from './context';
import { ReadingFields } from './readingfields';
import {
  readingKind,
  UNKNOWN,
  type IKnownSource,
  type IReadingChoice,
  type ReadingKind
} from './readingoptions';
import type { Nulls, Options, Section, SourceIn } from './schemas';
import { DEFAULTS, nameOf, sourceOf } from './source';

/** What the form begins with. */
export interface IFormOptions {
  trans: TranslationBundle;
  /** What to profile; asked for if there is none. */
  source: SourceIn | null;
  /** What is known of the source. */
  known: IKnownSource;
  options: Options;
  /** Starts what was chosen; what it rejects with is shown in the form, which stays as it is. */
  start: (chosen: IFormResult) => Promise<unknown>;
  /** Whether the form is about how it is read above all. */
  isReading?: boolean;
}

type FormKind = 'file' | 'lake' | 'url' | 'table';

const DAY = 86_400;

/** Ask how to profile a source, and which one if none is given, and start that; whether it was started. */
export function askOptions(options: IFormOptions): Promise<boolean> {
  const { source, trans } = options;
  const form = new ProfileForm(options);
  return askWithForm(form, {
    title: source
      ? trans.__('Profile "%1"', nameOf(source))
      : trans.__('Profile a source'),
    accept: { label: trans.__('Profile') },
    focusNodeSelector: options.isReading
      ? '.orrery-eda-reading input'
      : source
        ? '.jp-mod-accept'
        : 'input[type=text]'
  });
}

class ProfileForm extends FormBody {
  constructor(private readonly options: IFormOptions) {
    super(options.trans);
    this.addClass('orrery-eda-form');
    this._state = {
      kind: 'file',
      location: '',
      table: '',
      choice: {
        reading: options.source?.reading ?? null,
        sheet: options.source?.sheet ?? '',
        problems: {}
      },
      options: options.options,
      full: false
    };
  }

  get result(): IFormResult {
    const { kind, location, table, choice, options, full } = this._state;
    const place = location.trim();
    const source =
      this.options.source ??
      sourceOf({
        kind,
        location: kind === 'lake' ? place.replace(/^lake:\/\//, '') : place,
        table: kind === 'table' ? table.trim() : ''
      });
    const { reading, sheet } = this._readingKind() ? choice : UNKNOWN;
    return { source: { ...source, reading, sheet }, options, full };
  }

  override invalidField(): string | undefined {
    if (!this.options.source && !this._state.location.trim()) {
      return 'location';
    }
    return this._readingKind()
      ? Object.keys(this._state.choice.problems)[0]
      : undefined;
  }

  override async submit(): Promise<void> {
    await this.options.start(this.result);
  }

  override fieldOf(error: unknown): string | undefined {
    const isWrong = error instanceof NotFound || error instanceof Invalid;
    return isWrong ? 'location' : undefined;
  }

  protected override renderFields(): JSX.Element {
    const { source, known, trans, isReading = false } = this.options;
    const { isChecked } = this;
    const shared = { trans, isChecked, state: this._state, change: this._change };
    const kind = this._readingKind();
    return (
      <>
        {!source && <Place {...shared} />}
        {kind && (
          <ReadingFields
            key={kind}
            trans={trans}
            kind={kind}
            chosen={{ reading: source?.reading ?? null, sheet: source?.sheet ?? '' }}
            assumed={known}
            isOpen={isReading}
            onChange={choice => this._change({ choice })}
          />
        )}
        <How {...shared} names={known.names} />
      </>
    );
  }

  /** Which options of reading the source has. */
  private _readingKind(): ReadingKind | null {
    const { source, known } = this.options;
    const { kind, location } = this._state;
    return readingKind(source ?? { kind, location: location.trim() }, known.reading);
  }

  private readonly _change: Change = next => {
    const more = typeof next === 'function' ? next(this._state) : next;
    this._state = { ...this._state, ...more };
    this.update();
  };

  private _state: IState;
}

interface IState {
  kind: FormKind;
  location: string;
  table: string;
  choice: IReadingChoice;
  options: Options;
  full: boolean;
}

/** Several changes may come before the form is drawn again: a function is given what holds by then. */
type Change = (next: Partial<IState> | ((before: IState) => Partial<IState>)) => void;

interface IProps {
  trans: TranslationBundle;
  /** Whether what is missing is shown. */
  isChecked: boolean;
  state: IState;
  change: Change;
}

function Place(props: IProps): JSX.Element {
  const { trans, state, change } = props;
  const kinds: [FormKind, string][] = [
    ['file', trans.__('File or folder')],
    ['lake', trans.__('Lake of the project')],
    ['url', trans.__('Object store')],
    ['table', trans.__('Database table')]
  ];
  return (
    <>
      <Field label={trans.__('Where')}>
        {id => (
          <Select
            id={id}
            value={state.kind}
            options={kinds}
            onChange={kind => change({ kind })}
          />
        )}
      </Field>
      <Location {...props} />
      {state.kind === 'table' && (
        <TextField
          type="text"
          spellCheck={false}
          label={trans.__('Table')}
          hint={trans.__('With its schema, such as public.orders.')}
          value={state.table}
          onChange={event => change({ table: event.currentTarget.value })}
        />
      )}
    </>
  );
}

function Location({ trans, isChecked, state, change }: IProps): JSX.Element {
  const hints: Record<FormKind, string> = {
    file: trans.__('A path in the file browser, such as data/sales.parquet.'),
    lake: trans.__('A path in the lake of the project, such as wine.parquet.'),
    url: trans.__(
      'Such as s3://bucket/sales/*.parquet. Credentials come from the environment.'
    ),
    table: trans.__(
      'Such as postgresql://me:%1@host/shop. A password is named by a variable of the environment.',
      '${DB_PASSWORD}'
    )
  };
  const hint = hints[state.kind];
  const isMissing = isChecked && !state.location.trim();
  return (
    <TextField
      type="text"
      spellCheck={false}
      label={trans.__('Location')}
      hint={hint}
      problem={isMissing ? trans.__('Say where the data are. %1', hint) : undefined}
      aria-required
      name="location"
      value={state.location}
      onChange={event => change({ location: event.currentTarget.value })}
    />
  );
}

interface IHowProps extends IProps {
  names: readonly string[];
}

function How(props: IHowProps): JSX.Element {
  const { trans, state, change } = props;
  const { options } = state;
  const set = (next: Partial<Options>): void =>
    change(before => ({ options: { ...before.options, ...next } }));
  return (
    <>
      <Sections {...props} />
      <Relations {...props} />
      <div className="orrery-eda-pair">
        <NumberField
          label={trans.__('Time limit in seconds')}
          value={options.seconds}
          most={DAY}
          otherwise={String(DEFAULTS.seconds)}
          onChange={seconds => set({ seconds: seconds ?? DEFAULTS.seconds })}
        />
        <NumberField
          label={trans.__('Rows to look at')}
          value={options.sample}
          otherwise={trans.__('All')}
          onChange={sample => set({ sample })}
        />
      </div>
      <Tick
        label={trans.__('Make the full report, too (takes minutes)')}
        on={state.full}
        onChange={full => change({ full })}
      />
      {state.full && (
        <Tick
          label={trans.__('Let the Spark cluster of the environment make it')}
          on={options.cluster}
          onChange={cluster => set({ cluster })}
        />
      )}
    </>
  );
}

function Sections({ trans, state, change }: IHowProps): JSX.Element {
  const chosen = state.options.sections;
  const sections: [Section, string][] = [
    ['preliminary', trans.__('Overview and alerts')],
    ['univariate', trans.__('Each column')],
    ['bivariate', trans.__('Pairs of columns')],
    ['multivariate', trans.__('Duplicates and missing patterns')],
    ['text', trans.__('Text')]
  ];
  const choose = (section: Section, isOn: boolean): void =>
    change(({ options }) => ({
      options: {
        ...options,
        sections: sections
          .map(([id]) => id)
          .filter(id => (id === section ? isOn : options.sections.includes(id)))
      }
    }));
  return (
    <fieldset className="orrery-eda-choices">
      <legend>{trans.__('Charts')}</legend>
      {sections.map(([section, label]) => (
        <Tick
          key={section}
          label={label}
          on={chosen.includes(section)}
          // One has to stay: a profile of nothing is none.
          disabled={chosen.length === 1 && chosen[0] === section}
          onChange={isOn => choose(section, isOn)}
        />
      ))}
    </fieldset>
  );
}

/** What stands for a missing value in pairs of columns, and the column to be predicted. */
function Relations({ trans, state, change, names }: IHowProps): JSX.Element {
  const columns = useId();
  const { options } = state;
  const set = (next: Partial<Options>): void =>
    change(before => ({ options: { ...before.options, ...next } }));
  const nulls: [Nulls, string][] = [
    ['skip', trans.__('Left out')],
    ['mean', trans.__('The mean of the column')],
    ['mode', trans.__('Its most frequent value')],
    ['interpolate', trans.__('A line between the neighbours')]
  ];
  return (
    <>
      <Field label={trans.__('Missing values in pairs')}>
        {id => (
          <Select
            id={id}
            value={options.nulls}
            options={nulls}
            onChange={value => set({ nulls: value })}
          />
        )}
      </Field>
      <TextField
        type="text"
        spellCheck={false}
        label={trans.__('Target')}
        hint={trans.__('The column to be predicted; empty if there is none.')}
        list={columns}
        value={options.target ?? ''}
        onChange={event => set({ target: event.currentTarget.value || null })}
      />
      <datalist id={columns}>
        {names.map((name, index) => (
          <option key={index} value={name} />
        ))}
      </datalist>
    </>
  );
}

function Tick(props: {
  label: string;
  on: boolean;
  disabled?: boolean;
  onChange: (on: boolean) => void;
}): JSX.Element {
  return (
    <label className="orrery-eda-tick">
      <input
        type="checkbox"
        checked={props.on}
        disabled={props.disabled}
        onChange={event => props.onChange(event.currentTarget.checked)}
      />
      {props.label}
    </label>
  );
}

/** A whole number from 1; null while there is none. */
function NumberField(props: {
  label: string;
  value: number | null;
  most?: number;
  /** What holds when nothing is said. */
  otherwise: string;
  onChange: (value: number | null) => void;
}): JSX.Element {
  // The text is the person's own: a number that is half written is not put right at once.
  const [text, setText] = useState(props.value === null ? '' : String(props.value));
  return (
    <TextField
      label={props.label}
      type="number"
      min={1}
      max={props.most}
      placeholder={props.otherwise}
      value={text}
      onChange={event => {
        setText(event.currentTarget.value);
        props.onChange(numberOf(event.currentTarget.value, props.most));
      }}
    />
  );
}

function numberOf(text: string, most = Number.MAX_SAFE_INTEGER): number | null {
  const number = Number(text);
  return text !== '' && Number.isFinite(number) && number >= 1
    ? Math.min(most, Math.round(number))
    : null;
}
