import { Page } from '../../ui/parts';

export default function Workflows() {
  return <Page title="Workflows">{null}</Page>;
}
