/**
 * What Home and the page of a project have in common.
 */
import { Time } from '@jupyterlab/coreutils';
import type { TranslationBundle } from '@jupyterlab/translation';
import React from 'react';

const SKELETON_ROWS = 4;

/** How long ago; exactly when, on hover. */
export function When(props: { prefix?: string; when: string }): JSX.Element {
  const { prefix, when } = props;
  return (
    <time dateTime={when} title={Time.format(when)}>
      {prefix ? `${prefix} ` : ''}
      {Time.formatHuman(when)}
    </time>
  );
}

/** The shape of a page while its content is loaded. */
export function Skeleton({ trans }: { trans: TranslationBundle }): JSX.Element {
  return (
    <div role="status">
      <span className="orrery-hidden">{trans.__('Loading…')}</span>
      <div className="orrery-skeleton orrery-page-skeleton-card" />
      {Array.from({ length: SKELETON_ROWS }, (_, row) => (
        <div key={row} className="orrery-skeleton orrery-page-skeleton-row" />
      ))}
    </div>
  );
}
