/**
 * From a profile to promises about the data: choose them, take them as code, or hold a source to them.
 */
import {
  codeIcon,
  copyIcon,
  downloadIcon,
  HTMLSelect,
  runIcon
} from '@jupyterlab/ui-components';
import { Clipboard } from '@jupyterlab/apputils';
import React, { useMemo, useState } from 'react';

import { Button } from '../../base/controls';
import type { Check, Checks as ChecksShape, ChecksFormat, Suite } from '../schemas';
import { chooseSource } from './sourcedialog';
import { whole } from './format';
import { useAnswer, useView } from './context';
import { keyOf } from './checklabels';
import { CheckText } from './checktext';
import { Action, Empty, Failed, LoadingPage, SearchField } from './components';

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
  const { value, error, retry } = useAnswer(
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
        retry={retry}
      />
    );
  }
  if (!value) {
    return state === 'done' ? (
      <LoadingPage rows={8} />
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
  return <ChecksSuite suite={value.suite} />;
}

function ChecksSuite({ suite }: { suite: Suite }): JSX.Element {
  const [left, setLeft] = useState<ReadonlySet<number>>(new Set());
  const chosen = useMemo(
    () => ({ ...suite, checks: suite.checks.filter((_, index) => !left.has(index)) }),
    [suite, left]
  );
  return (
    <div className="orrery-eda-view-checks">
      <Choice suite={suite} left={left} onLeave={setLeft} />
      <ChecksCode suite={chosen} />
    </div>
  );
}

function Choice(props: {
  suite: Suite;
  left: ReadonlySet<number>;
  onLeave: (left: ReadonlySet<number>) => void;
}): JSX.Element {
  const { trans, labels } = useView();
  const { suite, left, onLeave } = props;
  const [q, setQ] = useState('');
  const entries = suite.checks
    .map((check, index) => ({ check, index }))
    .filter(({ check }) =>
      `${check.column ?? ''} ${labels.checks[check.code]}`
        .toLowerCase()
        .includes(q.toLowerCase())
    );
  const choose = (indices: readonly number[], isOn: boolean): void => {
    const next = new Set(left);
    indices.forEach(index => (isOn ? next.delete(index) : next.add(index)));
    onLeave(next);
  };
  return (
    <div className="orrery-eda-view-choice">
      <div className="orrery-eda-view-bar">
        <SearchField
          label={trans.__('Search in checks')}
          placeholder={trans.__('Search checks')}
          value={q}
          onChange={setQ}
        />
        <ChooseAll
          chosen={entries.filter(({ index }) => !left.has(index)).length}
          of={entries.length}
          label={trans.__(
            '%1 of %2 chosen',
            whole(suite.checks.length - left.size),
            whole(suite.checks.length)
          )}
          onChange={isOn =>
            choose(
              entries.map(({ index }) => index),
              isOn
            )
          }
        />
      </div>
      <CheckList entries={entries} left={left} onChoose={choose} />
      {!entries.length && (
        <Empty
          title={trans.__('No check matches')}
          action={trans.__('Show all')}
          onAction={() => setQ('')}
        />
      )}
    </div>
  );
}

/** A box that is ticked if all are chosen, and neither ticked nor empty if a part is. */
function ChooseAll(props: {
  chosen: number;
  of: number;
  label: string;
  onChange: (isOn: boolean) => void;
}): JSX.Element {
  const { chosen, of, label, onChange } = props;
  return (
    <label className="orrery-eda-view-check-all">
      <input
        type="checkbox"
        checked={chosen === of && of > 0}
        ref={node => {
          if (node) {
            node.indeterminate = chosen > 0 && chosen < of;
          }
        }}
        onChange={event => onChange(event.currentTarget.checked)}
      />
      {label}
    </label>
  );
}

function CheckList(props: {
  entries: readonly { check: Check; index: number }[];
  left: ReadonlySet<number>;
  onChoose: (indices: readonly number[], isOn: boolean) => void;
}): JSX.Element {
  const { trans } = useView();
  const { entries, left, onChoose } = props;
  const [most, setMost] = useState(FIRST);
  const rest = entries.length - most;
  return (
    <>
      <ul
        className="orrery-eda-view-check-list"
        aria-label={trans.__('Suggested checks')}
      >
        {entries.slice(0, most).map(({ check, index }) => (
          <li key={`${index} ${keyOf(check)}`}>
            <label>
              <input
                type="checkbox"
                checked={!left.has(index)}
                onChange={event => onChoose([index], event.currentTarget.checked)}
              />
              <CheckText check={check} />
            </label>
          </li>
        ))}
      </ul>
      {rest > 0 && (
        <Action
          label={trans._n('Show %1 more', 'Show %1 more', rest)}
          onClick={() => setMost(entries.length)}
        />
      )}
    </>
  );
}

function ChecksCode({ suite }: { suite: Suite }): JSX.Element {
  const { options, trans } = useView();
  const [format, setFormat] = useState<ChecksFormat>('pandera');
  const table = options.frame()?.name ?? 'data';
  const { value, error, retry } = useAnswer(
    () => options.client.render({ suite, format, table }),
    [suite, format, table]
  );
  return (
    <div className="orrery-eda-view-written">
      <div className="orrery-eda-view-bar">
        <HTMLSelect
          aria-label={trans.__('Write the checks as')}
          value={format}
          onChange={event => setFormat(event.currentTarget.value as ChecksFormat)}
        >
          {FORMATS.map(([id, label]) => (
            <option key={id} value={id}>
              {label}
            </option>
          ))}
        </HTMLSelect>
        <CodeActions checks={value} />
        <RunChecks suite={suite} />
      </div>
      {error && !value ? (
        <Failed
          title={trans.__('The checks could not be written')}
          error={error}
          retry={retry}
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

/** Asks for a source, and runs the checks on it. */
function RunChecks({ suite }: { suite: Suite }): JSX.Element {
  const { model, options, trans } = useView();
  const isEmpty = !suite.checks.length;
  const start = async (): Promise<void> => {
    const { run } = model;
    const source = run && (await chooseSource({ options, trans, run, task: 'checks' }));
    if (run && source) {
      const started = await options.start({
        task: 'checks',
        source,
        suite,
        parent: run.id,
        options: run.options
      });
      options.open(started.id);
    }
  };
  return (
    <Button
      look="accept"
      className="orrery-eda-view-run"
      disabled={isEmpty}
      title={
        isEmpty
          ? trans.__('Choose at least one check')
          : trans.__('Hold a source to these checks')
      }
      onClick={() => void start().catch(options.onError)}
    >
      <runIcon.react tag="span" className="orrery-eda-view-icon" />
      {trans.__('Run checks on…')}
    </Button>
  );
}

function CodeActions({ checks }: { checks: ChecksShape | null }): JSX.Element {
  const { options, trans } = useView();
  const code = checks?.format === 'pandera' || checks?.format === 'great_expectations';
  const insert = (): void => {
    try {
      options.insert(checks?.content ?? '');
    } catch (error) {
      options.onError(error);
    }
  };
  return (
    <>
      <Action
        icon={copyIcon}
        shrinks
        label={trans.__('Copy')}
        disabled={!checks}
        onClick={() => Clipboard.copyToSystem(checks?.content ?? '')}
      />
      <Action
        icon={downloadIcon}
        shrinks
        label={trans.__('Download')}
        disabled={!checks}
        onClick={() =>
          checks &&
          options.files({
            name: checks.name,
            type: 'text/plain',
            content: checks.content,
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
        onClick={insert}
      />
    </>
  );
}
