import { startRegistry } from '../support/registry.ts';
import { registryContract } from './registry-contract.ts';

registryContract('dynalite', startRegistry);
