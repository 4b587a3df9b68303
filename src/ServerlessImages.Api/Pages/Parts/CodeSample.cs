namespace ServerlessImages.Api.Pages.Parts;

/// <param name="Id">Short, and the same for one language on every page: a visitor's choice is remembered by it.</param>
public sealed record CodeSample(string Id, string Language, string Code);
