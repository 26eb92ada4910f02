/**
 * What was looked at, said honestly.
 */
import React from 'react';

import type { Sampling } from '../schemas';
import { points, share, whole } from './format';
import { useView } from './context';

/** That only a part of the rows was looked at, and what that means; nothing if all were. */
export function SamplingNote({
  sampling
}: {
  sampling: Sampling | null;
}): JSX.Element | null {
  const { trans } = useView();
  if (!sampling) {
    return null;
  }
  const { rows, of, why, margin } = sampling;
  const looked =
    of === null
      ? trans.__('A random sample of %1 rows was looked at.', whole(rows))
      : trans.__(
          'A random sample of %1 of %2 rows (%3) was looked at.',
          whole(rows),
          whole(of),
          share(of > 0 ? rows / of : 1)
        );
  return (
    <p className="orrery-eda-view-sampled" role="note">
      <strong>{trans.__('Sampled')}</strong> {looked}{' '}
      {margin > 0 &&
        trans.__(
          'Shares are exact to ±%1 percentage points or better, 95 times in 100.',
          points(margin)
        )}{' '}
      <span className="orrery-eda-view-quiet">{why}</span>
    </p>
  );
}
