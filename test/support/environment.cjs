/** Runs once, before jest starts its workers, which inherit the environment. */
module.exports = () => {
  // Node.js 20 is the oldest supported version. Without this, the AWS SDK prints a notice about it in each worker.
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = 'true';
};
