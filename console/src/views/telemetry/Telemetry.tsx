import { Page } from '../../ui/parts';

export default function Telemetry() {
  return <Page title="Telemetry">{null}</Page>;
}
