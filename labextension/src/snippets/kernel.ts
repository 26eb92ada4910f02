import type { Kernel } from '@jupyterlab/services';

/** A table in the kernel. */
export interface IDataframe {
  name: string;
  /** `pandas`, `polars`, `pyarrow` or `duckdb`. */
  kind: string;
}

/** The dataframes in the kernel, the latest first; null when it is not known (no Python, busy, slow). */
export declare function dataframes(
  kernel: Kernel.IKernelConnection | null | undefined
): Promise<readonly IDataframe[] | null>;

/** Which of the modules the kernel lacks; null when it is not known. Imports nothing. */
export declare function missingModules(
  kernel: Kernel.IKernelConnection | null | undefined,
  modules: readonly string[]
): Promise<readonly string[] | null>;

/** The names under which the modules are installed. */
export declare function distributions(modules: readonly string[]): readonly string[];

/** The code of a cell that installs what is missing: `%pip install ...`. */
export declare function installCode(modules: readonly string[]): string;
