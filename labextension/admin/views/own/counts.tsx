/**
 * What is in a project, in numbers.
 */
import React from 'react';

import { Failure } from '../../controls';
import { Facts } from '../../listview';
import { usePoll } from '../../poll';
import type { ProjectCounts } from '../../schemas';

export function Counts({ slug }: { slug: string }): JSX.Element | null {
  const { value, error, refresh } = usePoll<ProjectCounts>(`projects/${slug}/counts`);
  if (error) {
    return <Failure error={error} onRetry={refresh} />;
  }
  return value ? (
    <Facts
      facts={value.counts.map(({ what, count }) => [
        what[0].toUpperCase() + what.slice(1),
        count.toLocaleString('en')
      ])}
    />
  ) : null;
}
