/**
 * From a profile to promises about the data: choose them, take them as code, or hold a source to them.
 */
import {
  codeIcon,
  copyIcon,
  downloadIcon,
  HTMLSelect,
  InputGroup,
  runIcon
} from '@jupyterlab/ui-components';
import { Clipboard } from '@jupyterlab/apputils';
import React, { useMemo, useState } from 'react';

import type { Check, Checks as ChecksShape, ChecksFormat, Suite } from '../schemas';
import { chooseSource } from './choose';
import { whole } from './format';
import { useAnswer, useView } from './hooks';
import { keyOf, promise } from './promises';
import { Action, Datum, Empty, Failed, Loading } from './parts';

const FORMATS: readonly [ChecksFormat, string][] = [
  ['pandera', 'pandera'],
  ['sql', 'SQL'],
  ['great_expectations', 'Great Expectations'],
  ['json', 'JSON']
];
const FIRST = 200;

/** The section with the checks that the profile suggests. */
export function Checks(): JSX.Element {
  const { model, options, trans } = useView();
  const state = model.run?.state;
  const { value, error, again } = useAnswer(
    () =>
      state === 'done'
        ? options.client.checks(options.id, 'json')
        : Promise.resolve(null),
    [state]
  );
  if (error) {
    return (
      <Failed
        title={trans.__('No checks could be suggested')}
        error={error}
        again={again}
      />
    );
  }
  if (!value) {
    return state === 'done' ? (
      <div className="orrery-eda-view-page" tabIndex={0}>
        <Loading rows={8} />
      </div>
    ) : (
      <Empty
        title={trans.__('Checks come last')}
        text={trans.__('They are suggested from the whole profile, when it is done.')}
      />
    );
  }
  if (!value.suite.checks.length) {
    return (
      <Empty
        title={trans.__('No checks')}
        text={trans.__('The profile shows nothing that new data should keep.')}
      />
    );
  }
  return <Chosen suite={value.suite} />;
}

function Chosen({ suite }: { suite: Suite }): JSX.Element {
  const [left, setLeft] = useState<ReadonlySet<number>>(new Set());
  const chosen = useMemo(
    () => ({ ...suite, checks: suite.checks.filter((_, place) => !left.has(place)) }),
    [suite, left]
  );
  return (
    <div className="orrery-eda-view-checks">
      <Choice suite={suite} left={left} onLeave={setLeft} />
      <Written suite={chosen} />
    </div>
  );
}

function Choice(props: {
  suite: Suite;
  left: ReadonlySet<number>;
  onLeave: (left: ReadonlySet<number>) => void;
}): JSX.Element {
  const { trans, words } = useView();
  const { suite, left, onLeave } = props;
  const [q, setQ] = useState('');
  const [most, setMost] = useState(FIRST);
  const found = suite.checks
    .map((check, place) => ({ check, place }))
    .filter(({ check }) =>
      `${check.column ?? ''} ${words.checks[check.code]}`
        .toLowerCase()
        .includes(q.toLowerCase())
    );
  const all = found.every(({ place }) => !left.has(place));
  const none = found.every(({ place }) => left.has(place));
  const set = (places: readonly number[], on: boolean): void => {
    const next = new Set(left);
    places.forEach(place => (on ? next.delete(place) : next.add(place)));
    onLeave(next);
  };
  const rest = found.length - most;
  return (
    <div className="orrery-eda-view-choice">
      <div className="orrery-eda-view-bar">
        <InputGroup
          type="search"
          rightIcon="ui-components:search"
          aria-label={trans.__('Search in checks')}
          placeholder={trans.__('Search checks')}
          value={q}
          onChange={event => setQ(event.currentTarget.value)}
        />
        <label className="orrery-eda-view-check-all">
          <input
            type="checkbox"
            checked={all && found.length > 0}
            ref={node => {
              if (node) {
                node.indeterminate = !all && !none;
              }
            }}
            onChange={event =>
              set(
                found.map(({ place }) => place),
                event.currentTarget.checked
              )
            }
          />
          {trans.__(
            '%1 of %2 chosen',
            whole(suite.checks.length - left.size),
            whole(suite.checks.length)
          )}
        </label>
      </div>
      <ul
        className="orrery-eda-view-check-list"
        aria-label={trans.__('Suggested checks')}
      >
        {found.slice(0, most).map(({ check, place }) => (
          <li key={`${place} ${keyOf(check)}`}>
            <label>
              <input
                type="checkbox"
                checked={!left.has(place)}
                onChange={event => set([place], event.currentTarget.checked)}
              />
              <CheckText check={check} />
            </label>
          </li>
        ))}
      </ul>
      {rest > 0 && (
        <Action
          label={trans._n('Show %1 more', 'Show %1 more', rest)}
          onClick={() => setMost(found.length)}
        />
      )}
      {!found.length && (
        <Empty
          title={trans.__('No check matches')}
          action={trans.__('Show all')}
          onAction={() => setQ('')}
        />
      )}
    </div>
  );
}

/** A check in words, and why it was suggested. */
export function CheckText({ check }: { check: Check }): JSX.Element {
  const { trans, words } = useView();
  return (
    <span className="orrery-eda-view-check-text">
      <span>
        <strong>
          {check.column === null ? (
            trans.__('The table')
          ) : (
            <Datum text={check.column} />
          )}
        </strong>{' '}
        <bdi>{promise(check, words, trans)}</bdi>
      </span>
      {check.why && <span className="orrery-eda-view-quiet">{check.why}</span>}
    </span>
  );
}

function Written({ suite }: { suite: Suite }): JSX.Element {
  const { model, options, trans } = useView();
  const [format, setFormat] = useState<ChecksFormat>('pandera');
  const table = options.frame()?.name ?? 'data';
  const { value, error, again } = useAnswer(
    () => options.client.render({ suite, format, table }),
    [suite, format, table]
  );
  const run = async (): Promise<void> => {
    const { run: of } = model;
    const source =
      of && (await chooseSource({ options, trans, run: of, task: 'checks' }));
    if (of && source) {
      const started = await options.start({
        task: 'checks',
        source,
        suite,
        parent: of.id,
        options: of.options
      });
      options.open(started.id);
    }
  };
  return (
    <div className="orrery-eda-view-written">
      <div className="orrery-eda-view-bar">
        <HTMLSelect
          aria-label={trans.__('Write the checks as')}
          value={format}
          onChange={event => setFormat(event.currentTarget.value as ChecksFormat)}
        >
          {FORMATS.map(([one, label]) => (
            <option key={one} value={one}>
              {label}
            </option>
          ))}
        </HTMLSelect>
        <TakeAway written={value} />
        <button
          type="button"
          className="jp-mod-styled jp-mod-accept orrery-eda-view-run"
          disabled={!suite.checks.length}
          title={
            suite.checks.length
              ? trans.__('Hold a source to these checks')
              : trans.__('Choose at least one check')
          }
          onClick={() => void run().catch(options.onError)}
        >
          <runIcon.react tag="span" className="orrery-eda-view-icon" />
          {trans.__('Run checks on…')}
        </button>
      </div>
      {error && !value ? (
        <Failed
          title={trans.__('The checks could not be written')}
          error={error}
          again={again}
        />
      ) : (
        <pre
          className="orrery-eda-view-pre"
          tabIndex={0}
          aria-label={trans.__('Code of the checks')}
          aria-busy={!value}
        >
          {value?.content}
        </pre>
      )}
    </div>
  );
}

function TakeAway({ written }: { written: ChecksShape | null }): JSX.Element {
  const { options, trans } = useView();
  const code =
    written?.format === 'pandera' || written?.format === 'great_expectations';
  return (
    <>
      <Action
        icon={copyIcon}
        shrinks
        label={trans.__('Copy')}
        disabled={!written}
        onClick={() => Clipboard.copyToSystem(written?.content ?? '')}
      />
      <Action
        icon={downloadIcon}
        shrinks
        label={trans.__('Download')}
        disabled={!written}
        onClick={() =>
          written &&
          options.files({
            name: written.name,
            type: 'text/plain',
            content: written.content,
            scripts: false
          })
        }
      />
      <Action
        icon={codeIcon}
        shrinks
        label={trans.__('Insert')}
        caption={
          code
            ? trans.__('Insert it into the notebook')
            : trans.__('Only pandera and Great Expectations are code for a notebook')
        }
        disabled={!code}
        onClick={() =>
          void options.insert(written?.content ?? '').catch(options.onError)
        }
      />
    </>
  );
}
