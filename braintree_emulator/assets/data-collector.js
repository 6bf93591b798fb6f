// Replaces braintree-web's data-collector.js, which loads a script from paypal.com. The device data has the format of
// the real one, and no data about the device.
(() => {
  const create = async ({client}) => {
    const rawDeviceData = {correlation_id: client.getConfiguration().analyticsMetadata.sessionId.replaceAll('-', '').slice(0, 32)};
    return {deviceData: JSON.stringify(rawDeviceData), rawDeviceData, getDeviceData: async () => JSON.stringify(rawDeviceData), teardown: async () => {}};
  };
  window.braintree = Object.assign(window.braintree || {}, {dataCollector: {create, VERSION: '3.144.0'}});
})();
