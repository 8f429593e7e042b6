//! Generator, discriminator and the judges' networks
