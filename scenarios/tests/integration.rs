//! What a user of the library sees: files in, scenarios or messages out.

mod it {
    mod contract;
    mod csv_files;
    mod day;
    mod expectations;
    mod mutations;
    mod overrides;
    mod patience;
    mod problems;
    mod readings;
    mod shipped;
    mod uncertainty;
}
