// what PostGraphile takes from nodejs 22, where it is older
Promise.withResolvers ??= function withResolvers() {
	let resolve;
	let reject;
	const promise = new this((yes, no) => { resolve = yes; reject = no; });
	return { promise, resolve, reject };
};
