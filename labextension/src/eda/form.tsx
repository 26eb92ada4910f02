/**
 * How to profile, asked before a run.
 */
import { Dialog, showDialog } from '@jupyterlab/apputils';
import type { TranslationBundle } from '@jupyterlab/translation';
import { ReactWidget } from '@jupyterlab/ui-components';
import React from 'react';

import { Field, Select } from './controls';
import type { Nulls, Options, Section, SourceIn } from './schemas';
import { DEFAULTS, nameOf, sourceOf } from './wanted';

/** What the person chose. */
export interface IChosen {
  source: SourceIn;
  options: Options;
  /** The full report as well. */
  full: boolean;
}

type Asked = 'file' | 'lake' | 'url' | 'table';

/** Ask how to profile a source, and which one if none is given; null when the person gave up. */
export async function askOptions(
  trans: TranslationBundle,
  source: SourceIn | null
): Promise<IChosen | null> {
  const body = new FormBody(trans, source);
  const { button } = await showDialog({
    title: source
      ? trans.__('Profile "%1"', nameOf(source))
      : trans.__('Profile a source'),
    body,
    buttons: [
      Dialog.cancelButton({ label: trans.__('Cancel') }),
      Dialog.okButton({ label: trans.__('Profile') })
    ],
    focusNodeSelector: 'input, select'
  });
  return button.accept ? body.chosen : null;
}

class FormBody extends ReactWidget {
  constructor(trans: TranslationBundle, source: SourceIn | null) {
    super();
    this._trans = trans;
    this._source = source;
    this.addClass('orrery-eda-form');
  }

  get chosen(): IChosen | null {
    const { kind, location, table, options, full } = this._state;
    const place = location.trim();
    const source =
      this._source ??
      (place
        ? sourceOf({
            kind,
            location: kind === 'lake' ? place.replace(/^lake:\/\//, '') : place,
            table: kind === 'table' ? table.trim() : ''
          })
        : null);
    return source && { source, options, full };
  }

  protected override render(): JSX.Element {
    const change = (next: Partial<IState>): void => {
      this._state = { ...this._state, ...next };
      this.update();
    };
    return (
      <>
        {!this._source && (
          <Place trans={this._trans} state={this._state} change={change} />
        )}
        <How trans={this._trans} state={this._state} change={change} />
      </>
    );
  }

  private readonly _trans: TranslationBundle;
  private readonly _source: SourceIn | null;
  private _state: IState = {
    kind: 'file',
    location: '',
    table: '',
    options: DEFAULTS,
    full: false
  };
}

interface IState {
  kind: Asked;
  location: string;
  table: string;
  options: Options;
  full: boolean;
}

interface IProps {
  trans: TranslationBundle;
  state: IState;
  change: (next: Partial<IState>) => void;
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
      <Field label={trans.__('Location')} hint={hints[state.kind]}>
        {(id, describedBy) => (
          <input
            id={id}
            className="jp-mod-styled"
            spellCheck={false}
            aria-describedby={describedBy}
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

function How({ trans, state, change }: IProps): JSX.Element {
  const { options } = state;
  const set = (next: Partial<Options>): void =>
    change({ options: { ...options, ...next } });
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
              set({
                sections: sections
                  .map(([one]) => one)
                  .filter(one =>
                    one === section ? on : options.sections.includes(one)
                  )
              })
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
            aria-describedby={describedBy}
            value={options.target ?? ''}
            onChange={event => set({ target: event.currentTarget.value || null })}
          />
        )}
      </Field>
      <div className="orrery-eda-pair">
        <Field label={trans.__('Time limit in seconds')}>
          {id => (
            <input
              id={id}
              className="jp-mod-styled"
              type="number"
              min={1}
              max={86400}
              value={options.seconds}
              onChange={event =>
                set({
                  seconds: numberOf(event.currentTarget.value) ?? DEFAULTS.seconds
                })
              }
            />
          )}
        </Field>
        <Field label={trans.__('Rows to look at')}>
          {id => (
            <input
              id={id}
              className="jp-mod-styled"
              type="number"
              min={1}
              placeholder={trans.__('All')}
              value={options.sample ?? ''}
              onChange={event => set({ sample: numberOf(event.currentTarget.value) })}
            />
          )}
        </Field>
      </div>
      <Tick
        label={trans.__('Count distinct values and quantiles exactly')}
        on={options.exact}
        onChange={exact => set({ exact })}
      />
      <Tick
        label={trans.__('Make the full report, too (takes minutes)')}
        on={state.full}
        onChange={full => change({ full })}
      />
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

function numberOf(text: string): number | null {
  const number = Number(text);
  return text !== '' && Number.isFinite(number) && number >= 1
    ? Math.round(number)
    : null;
}
