"""``%eda`` and ``%%eda``."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, ClassVar

from IPython.core.magic import line_cell_magic, magics_class, no_var_expand

from orrery_kernels.shell import CapabilityMagics, print_note, report_errors, split_line
from orrery_wire.errors import Cancelled

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell

    from orrery_kernels.eda.completion import Completions
    from orrery_kernels.eda.views import ProfileResult


@magics_class
class EdaMagics(CapabilityMagics):
    """Profiles in a kernel; ``eda/magic.py`` knows the line."""

    summary: ClassVar[dict[str, str]] = {
        "%eda NAME [--target COLUMN]": "profile a dataframe, a path, lake://... or s3://...",
        "%eda --compare BEFORE AFTER": "show what changed from one to the other",
        "%eda NAME --check SUITE": "check whether data keep their promises",
        "%%eda [NAME]": "run this cell, and profile the dataframe that it makes",
    }

    def __init__(self, shell: InteractiveShell) -> None:
        super().__init__(shell)
        self._completions: Completions | None = None

    @no_var_expand
    @line_cell_magic
    def eda(self, line: str, cell: str | None = None) -> ProfileResult | None:
        """Profile a dataframe, a file, the lake, an object store or a database's table.

        %eda df                         a dataframe of this kernel
        %eda data/sales.parquet         a file; lake://wine.parquet; s3://bucket/sales/*.parquet
        %eda 'postgresql://me:${DB_PASSWORD}@host/shop#orders'
        %eda --compare BEFORE AFTER     what changed: drift, schema, fresh values
        %eda df --check SUITE           whether it keeps a suite of checks (a variable, or a JSON file)
        %eda df --checks pandera        the checks that the profile suggests, in the next cell;
                                        sql, great_expectations and json are shown
          --target COLUMN   --sample ROWS   --seconds 120
          --sections preliminary,univariate,bivariate,multivariate,text
          --nulls skip|mean|mode|interpolate   what stands for a missing value in pairs of columns
          --delimiter SIGN   --encoding NAME   --decimal SIGN   --thousands SIGN   --quote SIGN
          --header LINE|none   --skip LINES   --comment SIGN   --escape SIGN   --na TEXT,TEXT   --sheet NAME
          --day-first yes|no   --date-order dmy|mdy|ymd|ydm
                                        how text or a sheet is read, where what was found out is wrong
          --full                        begin the full report, too; it opens from the Profiles panel
          -o, --output report.html      write the report (.html, .md, .json); with --full the full one
          -q, --quiet                   show no progress

        %%eda [NAME] [OPTIONS]          run this cell, then profile NAME, or the dataframe that it
                                        shows or makes; %%eda --compare BEFORE AFTER  as well

        The value of the cell is what was found: `_.alerts`, `_.columns["x"]`, `_.suite()`.
        Interrupting the kernel stops the run. Tab completes dataframes, files and options.
        """
        return report_errors(lambda: self._run(split_line(line), cell))

    def _run(self, words: list[str], cell: str | None) -> ProfileResult | None:
        from orrery_kernels.eda import magic

        arguments = magic.parse(words)
        variables = self.ipython.user_ns
        if cell is not None:
            before = magic.frame_stamps(variables)
            value = self.run_cell("The cell", cell)
            variables = magic.with_cell_result(arguments, variables, before, value)
        try:
            done = magic.run_line(arguments, variables, print_note)
        except KeyboardInterrupt:
            raise Cancelled("The run was stopped") from None
        if done.next_cell:
            self.ipython.set_next_input(done.next_cell)
        if done.text:
            sys.stdout.write(done.text)
        return done.result

    def complete(self, line: str, symbol: str) -> Sequence[str]:
        """Dataframes, files, options or their values."""
        if self._completions is None:
            from orrery_kernels.eda.completion import Completions

            self._completions = Completions(lambda: self.ipython.user_ns)
        return self._completions.of(line, symbol)


MAGICS = EdaMagics
