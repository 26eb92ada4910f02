/**
 * The page of administration at the hub.
 */
import { addJupyterLabThemeChangeListener, density } from '@jupyter/web-components';
import React from 'react';
import { createRoot } from 'react-dom/client';

import 'orrery-themes';
import '../style/chart.css';
import './style/index.css';

import { Api } from './api';
import { takeFacts } from './facts';
import { Router } from './route';
import { Shell } from './shell';
import { ThemeModel } from './theme';
import { Toasts } from './toasts';
import { groupsOf } from './views';

// The policy of the page allows no script without it, nor the parts that the page fetches later.
__webpack_nonce__ = document.querySelector<HTMLMetaElement>(
  'meta[property="csp-nonce"]'
)?.content;

const COMPACT = -3;
const element = document.getElementById('orrery-admin');
if (element) {
  const theme = new ThemeModel();
  addJupyterLabThemeChangeListener();
  // Fields and buttons as high as the lab's own.
  density.setValueFor(document.body, COMPACT);
  const api = new Api(takeFacts(element));
  const context = { api, router: new Router(), toasts: new Toasts() };
  createRoot(element).render(
    <Shell context={context} theme={theme} groups={groupsOf(api.facts.isAdmin)} />
  );
}
