/**
 * The way from all locations to the folder that is shown as the top of the tree.
 */
import React from 'react';

import { useSignal } from '../../base/hooks';
import { usePanel } from '../../base/panel/context';
import { useParts } from '../context';
import { ancestors, nameOfPath } from '../path';

/** One button for each folder on the way; nothing while all locations are shown. */
export function Breadcrumbs(): JSX.Element | null {
  const { model } = useParts();
  const { trans } = usePanel();
  useSignal(model.changed);
  const { root } = model;
  if (!root) {
    return null;
  }
  const { location, path } = root;
  const steps = [
    { label: trans.__('All'), target: null },
    { label: location.title, target: { location, path: '' } },
    ...ancestors(path).map(folder => ({
      label: nameOfPath(location, folder),
      target: { location, path: folder }
    }))
  ];
  return (
    <nav className="orrery-data-crumbs" aria-label={trans.__('Path')}>
      <ol>
        {steps.map(({ label, target }, index) => {
          const isLast = index === steps.length - 1;
          return (
            <li key={target ? `${target.location.id}:${target.path}` : ''}>
              <button
                type="button"
                className="orrery-link"
                title={target?.path ?? label}
                aria-current={isLast ? 'page' : undefined}
                onClick={() => void model.enter(target)}
              >
                {label}
              </button>
            </li>
          );
        })}
      </ol>
    </nav>
  );
}
