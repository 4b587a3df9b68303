namespace ServerlessImages.Api.Pages.Parts;

public enum SortOrder
{
    None,
    Up,
    Down,
}
