/**
 * A check as a person reads it.
 */
import React from 'react';

import type { Check } from '../schemas';
import { checkLabel } from './checklabels';
import { Datum } from './components';
import { useView } from './context';

/** A check in words, and why it was suggested. */
export function CheckText({ check }: { check: Check }): JSX.Element {
  const { trans, labels } = useView();
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
        <bdi>{checkLabel(check, labels, trans)}</bdi>
      </span>
      {check.why && <span className="orrery-eda-view-quiet">{check.why}</span>}
    </span>
  );
}
