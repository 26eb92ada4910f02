/**
 * What every view is given: the service, the address, messages.
 */
import { createContext, useContext } from 'react';

import type { Api } from './api';
import type { Router } from './route';
import type { Toasts } from './toasts';

export interface IContext {
  readonly api: Api;
  readonly router: Router;
  readonly toasts: Toasts;
}

export const Context = createContext<IContext | undefined>(undefined);

export function useAdmin(): IContext {
  const context = useContext(Context);
  if (!context) {
    throw new Error('A view outside of the page.');
  }
  return context;
}
