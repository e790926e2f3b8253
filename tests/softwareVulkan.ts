/** WebGPU in Node without a GPU: SwiftShader, which Debian's Chromium brings along. */
import { existsSync } from 'node:fs';

const CHROMIUM = '/usr/lib/chromium';
const RTLD_LAZY_NODELETE = 0x1001; // of glibc

/**
 * Makes the npm package `webgpu` find SwiftShader where this machine has no Vulkan driver of its own. Dawn
 * opens libvulkan.so.1 by name, and finds the one of Chromium if that is loaded already; Node refuses to load
 * a library that is no addon, but NODELETE keeps it.
 */
export function useSoftwareVulkan(): void {
  if (process.env.VK_DRIVER_FILES || !existsSync(`${CHROMIUM}/vk_swiftshader_icd.json`)) return;
  process.env.VK_DRIVER_FILES = `${CHROMIUM}/vk_swiftshader_icd.json`;
  try {
    process.dlopen({ exports: {} }, `${CHROMIUM}/libvulkan.so.1`, RTLD_LAZY_NODELETE);
  } catch {
    // always thrown: see above
  }
}
