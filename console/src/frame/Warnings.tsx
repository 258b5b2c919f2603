import { status, what } from '../state/instance';

/** Every standing warning with what to do about it, in sight wherever one reads. They go when their cause does, and not before. */
export function Warnings() {
  const warnings = status.value?.warnings ?? [];
  if (warnings.length === 0) return null;
  return (
    <div class="warnings" role="region" aria-label="Standing warnings" tabIndex={0}>
      {warnings.map((warning, i) => (
        <div class="banner warn" key={`${warning.code}${i}`} data-code={warning.code}>
          <p class="grow wrap"><strong>{what(warning)}</strong> {warning.remedy} <small class="mono">[{warning.code}]</small></p>
        </div>
      ))}
    </div>
  );
}
