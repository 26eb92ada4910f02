/**
 * Results of a suite of checks: which passed, which failed, and the values that failed.
 */
import { checkIcon, closeIcon } from '@jupyterlab/ui-components';
import React, { useState } from 'react';

import type { CheckResult } from '../schemas';
import { CheckText } from './checktext';
import { full, shown, whole } from './format';
import { useView } from './context';
import { Action, Block, Datum, Empty, LoadingPage } from './components';

const FIRST = 200;

/** The section with the results of checks, the broken ones first. */
export function Results(): JSX.Element {
  const { model, trans } = useView();
  const { checks } = model;
  if (!checks) {
    return model.active ? (
      <LoadingPage rows={8} />
    ) : (
      <Empty title={trans.__('No check was run')} />
    );
  }
  const broken = checks.results.filter(result => !result.passed);
  const passed = checks.results.filter(result => result.passed);
  return (
    <div className="orrery-eda-view-page" tabIndex={0}>
      <p
        className="orrery-eda-view-verdict"
        data-passed={broken.length === 0}
        role="status"
      >
        {broken.length
          ? trans._n(
              '%1 of %2 checks is broken',
              '%1 of %2 checks are broken',
              broken.length,
              whole(checks.results.length)
            )
          : trans._n(
              'The check is kept',
              'All %1 checks are kept',
              checks.results.length
            )}
        {checks.rows !== null && (
          <span className="orrery-eda-view-quiet">
            {trans._n(
              '%2 row was checked',
              '%2 rows were checked',
              checks.rows,
              whole(checks.rows)
            )}
          </span>
        )}
      </p>
      <Outcome title={trans.__('Broken')} results={broken} />
      <Outcome title={trans.__('Kept')} results={passed} />
    </div>
  );
}

function Outcome(props: {
  title: string;
  results: readonly CheckResult[];
}): JSX.Element | null {
  const { trans } = useView();
  const { title, results } = props;
  const [most, setMost] = useState(FIRST);
  const rest = results.length - most;
  return results.length ? (
    <Block title={title} note={whole(results.length)}>
      <ul className="orrery-eda-view-results">
        {results.slice(0, most).map((result, index) => (
          <ResultItem key={index} result={result} />
        ))}
      </ul>
      {rest > 0 && (
        <Action
          label={trans._n('Show %1 more', 'Show %1 more', rest)}
          onClick={() => setMost(results.length)}
        />
      )}
    </Block>
  ) : null;
}

function ResultItem({ result }: { result: CheckResult }): JSX.Element {
  const { trans } = useView();
  const { check, passed, examples, message } = result;
  const Icon = passed ? checkIcon : closeIcon;
  return (
    <li data-passed={passed}>
      <span
        className="orrery-eda-view-outcome"
        role="img"
        aria-label={passed ? trans.__('Kept') : trans.__('Broken')}
      >
        <Icon.react tag="span" className="orrery-eda-view-icon" />
      </span>
      <div className="orrery-eda-view-alert-text">
        <CheckText check={passed ? check : { ...check, why: '' }} />
        {!passed && (
          <>
            <p>
              <bdi>{message}</bdi>
            </p>
            {examples.length > 0 && (
              <p className="orrery-eda-view-names">
                <span className="orrery-eda-view-quiet">{trans.__('for example')}</span>
                {examples.map((value, index) => (
                  <span
                    key={index}
                    className="orrery-eda-view-chip"
                    title={full(value)}
                  >
                    <Datum text={value === null ? trans.__('missing') : shown(value)} />
                  </span>
                ))}
              </p>
            )}
          </>
        )}
      </div>
    </li>
  );
}
