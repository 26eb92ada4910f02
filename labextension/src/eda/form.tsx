/**
 * How to profile, asked before a run.
 */
import { Dialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import React, { useId, useState } from 'react';

import { Field, Select } from '../base/controls';
import type { Nulls, Options, Section, SourceIn } from './schemas';
import { DEFAULTS, hasSheets, nameOf, sourceOf } from './wanted';

/** What the person chose. */
export interface IChosen {
  source: SourceIn;
  options: Options;
  /** The full report as well. */
  full: boolean;
}

/** What the form begins with. */
export interface IFormOptions {
  trans: TranslationBundle;
  /** What to profile; asked for if there is none. */
  source: SourceIn | null;
  /** Columns that the source is known to have. */
  names: readonly string[];
  options: Options;
}

type Asked = 'file' | 'lake' | 'url' | 'table';

// Cancel stands before it.
const ACCEPT = 1;
const DAY = 86_400;

/** Ask how to profile a source, and which one if none is given; null when the person gave up. */
export async function askOptions(options: IFormOptions): Promise<IChosen | null> {
  const body = new FormBody(options);
  const { button } = await new FormDialog(body, options).launch();
  return button.accept ? body.chosen : null;
}

/** A dialog that stays open until it is said what to profile. */
class FormDialog extends Dialog<unknown> {
  constructor(body: FormBody, { trans, source }: IFormOptions) {
    super({
      title: source
        ? trans.__('Profile "%1"', nameOf(source))
        : trans.__('Profile a source'),
      body,
      buttons: [
        Dialog.cancelButton({ label: trans.__('Cancel') }),
        Dialog.okButton({ label: trans.__('Profile') })
      ],
      focusNodeSelector: source ? '.jp-mod-accept' : 'input[type=text]'
    });
    this.addClass('orrery-eda-dialog');
    this._form = body;
  }

  override resolve(index?: number): void {
    if (index !== ACCEPT || this._form.check()) {
      super.resolve(index);
    }
  }

  private readonly _form: FormBody;
}

class FormBody extends ReactWidget {
  constructor(private readonly options: IFormOptions) {
    super();
    this.addClass('orrery-eda-form');
    this._state = {
      kind: 'file',
      location: '',
      table: '',
      sheet: '',
      options: options.options,
      full: false,
      checked: false
    };
  }

  get chosen(): IChosen {
    const { kind, location, table, sheet, options, full } = this._state;
    const place = location.trim();
    const source =
      this.options.source ??
      sourceOf({
        kind,
        location: kind === 'lake' ? place.replace(/^lake:\/\//, '') : place,
        table: kind === 'table' ? table.trim() : ''
      });
    return {
      source: { ...source, sheet: sheet.trim() || source.sheet },
      options,
      full
    };
  }

  /** Whether it is said what to profile; what is missing is shown. */
  check(): boolean {
    if (this.options.source || this._state.location.trim()) {
      return true;
    }
    this._change({ checked: true });
    this.node.querySelector<HTMLElement>('input[type=text]')?.focus();
    return false;
  }

  protected override render(): JSX.Element {
    const { source, names, trans } = this.options;
    const shared = { trans, state: this._state, change: this._change };
    const place = source?.location ?? this._state.location;
    return (
      <>
        {!source && <Place {...shared} />}
        {hasSheets(place.trim()) && <Sheet {...shared} />}
        <How {...shared} names={names} />
      </>
    );
  }

  private readonly _change: Change = next => {
    const more = typeof next === 'function' ? next(this._state) : next;
    this._state = { ...this._state, ...more };
    this.update();
  };

  private _state: IState;
}

interface IState {
  kind: Asked;
  location: string;
  table: string;
  sheet: string;
  options: Options;
  full: boolean;
  /** Whether what is missing is shown. */
  checked: boolean;
}

/** Several changes may come before the form is drawn again: a function is given what holds by then. */
type Change = (next: Partial<IState> | ((before: IState) => Partial<IState>)) => void;

interface IProps {
  trans: TranslationBundle;
  state: IState;
  change: Change;
}

function Place({ trans, state, change }: IProps): JSX.Element {
  const hints: Record<Asked, string> = {
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
  const kinds: [Asked, string][] = [
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
      <Field
        label={trans.__('Location')}
        hint={hints[state.kind]}
        problem={
          state.checked && !state.location.trim()
            ? trans.__('Say where the data are. %1', hints[state.kind])
            : undefined
        }
      >
        {(id, describedBy) => (
          <input
            id={id}
            type="text"
            className="jp-mod-styled"
            spellCheck={false}
            aria-describedby={describedBy}
            aria-required
            aria-invalid={state.checked && !state.location.trim()}
            value={state.location}
            onChange={event => change({ location: event.currentTarget.value })}
          />
        )}
      </Field>
      {state.kind === 'table' && (
        <Field
          label={trans.__('Table')}
          hint={trans.__('With its schema, such as public.orders.')}
        >
          {(id, describedBy) => (
            <input
              id={id}
              className="jp-mod-styled"
              spellCheck={false}
              aria-describedby={describedBy}
              value={state.table}
              onChange={event => change({ table: event.currentTarget.value })}
            />
          )}
        </Field>
      )}
    </>
  );
}

function Sheet({ trans, state, change }: IProps): JSX.Element {
  return (
    <Field label={trans.__('Sheet')} hint={trans.__('The first one if empty.')}>
      {(id, describedBy) => (
        <input
          id={id}
          type="text"
          className="jp-mod-styled"
          spellCheck={false}
          aria-describedby={describedBy}
          value={state.sheet}
          onChange={event => change({ sheet: event.currentTarget.value })}
        />
      )}
    </Field>
  );
}

function How(props: IProps & { names: readonly string[] }): JSX.Element {
  const { trans, state, change, names } = props;
  const { options } = state;
  const columns = useId();
  const set = (next: Partial<Options>): void =>
    change(before => ({ options: { ...before.options, ...next } }));
  const sections: [Section, string][] = [
    ['preliminary', trans.__('Overview and alerts')],
    ['univariate', trans.__('Each column')],
    ['bivariate', trans.__('Pairs of columns')],
    ['multivariate', trans.__('Duplicates and missing patterns')],
    ['text', trans.__('Text')]
  ];
  const nulls: [Nulls, string][] = [
    ['skip', trans.__('Left out')],
    ['mean', trans.__('The mean of the column')],
    ['mode', trans.__('Its most frequent value')],
    ['interpolate', trans.__('A line between the neighbours')]
  ];
  return (
    <>
      <fieldset className="orrery-eda-choices">
        <legend>{trans.__('Charts')}</legend>
        {sections.map(([section, label]) => (
          <Tick
            key={section}
            label={label}
            on={options.sections.includes(section)}
            // One has to stay: a profile of nothing is none.
            disabled={options.sections.length === 1 && options.sections[0] === section}
            onChange={on =>
              change(before => ({
                options: {
                  ...before.options,
                  sections: sections
                    .map(([one]) => one)
                    .filter(one =>
                      one === section ? on : before.options.sections.includes(one)
                    )
                }
              }))
            }
          />
        ))}
      </fieldset>
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
      <Field
        label={trans.__('Target')}
        hint={trans.__('The column to be predicted; empty if there is none.')}
      >
        {(id, describedBy) => (
          <input
            id={id}
            className="jp-mod-styled"
            spellCheck={false}
            list={columns}
            aria-describedby={describedBy}
            value={options.target ?? ''}
            onChange={event => set({ target: event.currentTarget.value || null })}
          />
        )}
      </Field>
      <datalist id={columns}>
        {names.map((name, index) => (
          <option key={index} value={name} />
        ))}
      </datalist>
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
    <Field label={props.label}>
      {id => (
        <input
          id={id}
          className="jp-mod-styled"
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
      )}
    </Field>
  );
}

function numberOf(text: string, most = Number.MAX_SAFE_INTEGER): number | null {
  const number = Number(text);
  return text !== '' && Number.isFinite(number) && number >= 1
    ? Math.min(most, Math.round(number))
    : null;
}
