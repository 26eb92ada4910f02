/**
 * The frame of the page: the views to choose from, the theme, messages.
 */
import React, { useEffect, useState } from 'react';

import { Context, type IContext } from './context';
import { Button, Select } from './controls';
import { useStore } from './store';
import type { ThemeChoice, ThemeModel } from './theme';
import type { Toasts } from './toasts';

export interface IView {
  readonly name: string;
  readonly title: string;
  readonly component: React.ComponentType;
}

const THEMES: readonly (readonly [ThemeChoice, string])[] = [
  ['system', 'As the system'],
  ['light', 'Light'],
  ['dark', 'Dark'],
  ['high-contrast', 'High contrast']
];

export function Shell(props: {
  readonly context: IContext;
  readonly theme: ThemeModel;
  readonly views: readonly IView[];
}): JSX.Element {
  const { context, views } = props;
  const { api, router, toasts } = context;
  const route = useStore(router.route);
  const choice = useStore(props.theme.choice);
  const [hasEnded, setEnded] = useState(false);
  useEffect(() => {
    api.onEnd = () => setEnded(true);
  }, [api]);
  const view = views.find(({ name }) => name === route.view) ?? views[0];
  const Current = view.component;
  useEffect(() => {
    document.title = `${view.title} · Orrery`;
  }, [view]);
  return (
    <Context.Provider value={context}>
      <div className="orrery-admin">
        <nav className="orrery-admin-nav" aria-label="Administration">
          <a className="orrery-admin-brand" href={`${api.facts.hub}home`}>
            Orrery
          </a>
          <ul>
            {views.map(({ name, title }) => (
              <li key={name}>
                <a
                  href={`#${name}`}
                  aria-current={name === view.name ? 'page' : undefined}
                >
                  {title}
                </a>
              </li>
            ))}
          </ul>
          <div className="orrery-admin-foot">
            <Select
              label="Theme"
              value={choice}
              options={THEMES}
              onChange={value => props.theme.choose(value)}
            />
            <p>{api.facts.user}</p>
          </div>
        </nav>
        <main className="orrery-admin-main">
          {hasEnded && (
            <div className="orrery-admin-banner" role="alert">
              Your log-in at this page has ended.
              <Button look="accent" onClick={() => window.location.reload()}>
                Log In Again
              </Button>
            </div>
          )}
          <Current key={view.name} />
        </main>
        <ToastList toasts={toasts} />
      </div>
    </Context.Provider>
  );
}

function ToastList({ toasts }: { toasts: Toasts }): JSX.Element {
  const list = useStore(toasts.list);
  return (
    <div
      className="orrery-admin-toasts"
      role="log"
      aria-label="Messages"
      aria-live="polite"
    >
      {list.map(({ id, level, text, detail }) => (
        <div key={id} className="orrery-admin-toast" data-level={level}>
          <div>
            <strong>{text}</strong>
            {detail && <p>{detail}</p>}
          </div>
          <Button look="stealth" label="Close message" onClick={() => toasts.close(id)}>
            ✕
          </Button>
        </div>
      ))}
    </div>
  );
}
